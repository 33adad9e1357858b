"""What stands around the cases: limits of signatures, what the system found, and reminders."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models import Person
from refunds.models.cases import RefundCase
from refunds.models.choices import STATES
from refunds.states import CANDIDATE_MOVES, CandidateState


class RefundLimit(models.Model):
    """Up to how many yuan a desk of a region decides; above it, only somebody of the office above. Without a region: everywhere.

    The latest row that is valid counts, of the nearest region.
    """

    class Desk(models.TextChoices):
        REVIEW = "REVIEW", _("review by the bureau")
        APPROVE = "APPROVE", _("approval by the tax office")

    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    desk = models.CharField(_("desk"), max_length=7, choices=Desk.choices)
    most = models.DecimalField(_("up to"), max_digits=12, decimal_places=2)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("limit of a signature")
        verbose_name_plural = _("limits of signatures")
        ordering = ["desk", "region", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "desk", "valid_from"],
                name="refund_limit_once",
                nulls_distinct=False,
                violation_error_message=_("There is a limit for this desk and day already."),
            ),
            models.CheckConstraint(
                condition=Q(most__gt=0, most__lte="9999999999.99"),
                name="refund_limit_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(desk__in=["REVIEW", "APPROVE"]),
                name="refund_limit_desk",
                violation_error_message=_("There is no such desk."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.desk} {self.region_id or '*'} {self.most}"


class RefundCandidate(models.Model):
    """Money that the system found to be owed back, with its evidence; becomes a case, or is dismissed with a reason."""

    class Kind(models.TextChoices):
        DUPLICATE = "DUPLICATE", _("paid twice")
        AID_DIFF = "AID_DIFF", _("aid recognised after paying")
        EMPLOYEE = "EMPLOYEE", _("employee cover was running when it was paid")
        DEATH = "DEATH", _("died before cover began")
        ENDED = "ENDED", _("enrolment ended before cover began")
        PRICE = "PRICE", _("the terms ask less than was paid")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="refund_candidates"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    payment_id = models.BigIntegerField(_("payment"), null=True, blank=True)
    duplicate_id = models.BigIntegerField(_("duplicate payment"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=22)
    event_date = models.DateField(_("date of the event"), null=True, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict)
    found_at = models.DateTimeField(_("found at"))
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=[
            (CandidateState.OPEN.value, _("waiting")),
            (CandidateState.CASE.value, _("made a case")),
            (CandidateState.DISMISSED.value, _("dismissed")),
        ],
        default=CandidateState.OPEN.value,
    )
    case = models.ForeignKey(
        RefundCase,
        verbose_name=_("refund case"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="candidates",
    )
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    words = models.CharField(_("reason given"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("possible refund")
        verbose_name_plural = _("possible refunds")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["region", "benefit_year", "id"], name="candidate_queue", condition=Q(state="OPEN")
            ),
            models.Index(fields=["payment_id"], name="candidate_payment"),
            models.Index(fields=["case"], name="candidate_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "payment_id", "duplicate_id"],
                name="candidate_once",
                nulls_distinct=False,
                violation_error_message=_("This was found already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="DUPLICATE", payment_id__isnull=True, duplicate_id__isnull=False)
                | (~Q(kind="DUPLICATE") & Q(payment_id__isnull=False, duplicate_id__isnull=True)),
                name="candidate_of_one",
                violation_error_message=_("A candidate is about one payment or one duplicate."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"),
                name="candidate_amount_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", case__isnull=True, decided_at__isnull=True, words="")
                | Q(state="CASE", case__isnull=False, decided_at__isnull=False)
                | Q(state="DISMISSED", case__isnull=True, decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(words=""),
                name="candidate_decision_evidence",
                violation_error_message=_("Dismissing needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in CandidateState]), name="candidate_state_known"
            ),
        ]
        triggers = [audit.moves_guard("refunds_refundcandidate", CANDIDATE_MOVES)]

    def __str__(self) -> str:
        return f"{self.kind} {self.payment_id or self.duplicate_id}"


class RefundReminder(models.Model):
    """That a case is late was told to its desk, once for each step and kind (append-only)."""

    class Kind(models.TextChoices):
        TARGET = "TARGET", _("past its target")
        LIMIT = "LIMIT", _("past the hard limit")
        PAYOUT = "PAYOUT", _("no answer to the payout")

    case = models.ForeignKey(
        RefundCase, verbose_name=_("refund case"), on_delete=models.PROTECT, related_name="reminders"
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    step = models.CharField(_("state"), max_length=15, choices=STATES)
    desk = models.CharField(_("desk"), max_length=11)
    due_on = models.DateField(_("due on"))
    reminded_at = models.DateTimeField(_("reminded at"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "id"], name="reminder_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "step"],
                name="reminder_once",
                violation_error_message=_("This desk was reminded already."),
            ),
            models.CheckConstraint(
                condition=Q(step__in=[code for code, _words in STATES]), name="reminder_step_known"
            ),
        ]
        triggers = audit.append_only("refunds_refundreminder")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


for _model in (RefundLimit, RefundCandidate):
    audit.track(_model)
