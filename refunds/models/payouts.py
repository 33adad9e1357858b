"""Money going out: frozen batches for the fund account's bank and for the treasury, and what was answered to each line."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from payments.models import BankProfile
from refunds.models.cases import RefundCase
from refunds.models.choices import PAYOUT_STATES, ROUTES
from refunds.states import ANSWER_MOVES, PAYOUT_MOVES, AnswerState, PayoutState

LINES_A_FILE = 10**8
UNANSWERED_ERRCODE = "BU005"


class PayoutBatch(models.Model):
    """One payout file: frozen with its digest by one person, released by another."""

    class Layout(models.TextChoices):
        E = "E", _("layout E (text)")
        PAIN_03 = "PAIN_03", "pain.001.001.03"
        PAIN_09 = "PAIN_09", "pain.001.001.09"
        TREASURY = "TREASURY", _("list for the treasury")

    route = models.CharField(_("route"), max_length=13, choices=ROUTES)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    bank = models.ForeignKey(
        BankProfile, verbose_name=_("bank"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    layout = models.CharField(_("layout"), max_length=8, choices=Layout.choices)
    day = models.DateField(_("day"))
    number = models.PositiveSmallIntegerField(_("batch number"))
    lines = models.PositiveIntegerField(_("lines"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    digest = models.CharField(_("digest (SM3)"), max_length=64)
    left_out = models.JSONField(_("left out"), default=dict)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=list(PAYOUT_STATES.items()),
        default=PayoutState.FROZEN.value,
    )
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    released_by = models.ForeignKey(
        User, verbose_name=_("released by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    words = models.CharField(_("reason given"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "-id"], name="payout_region_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["route", "region", "bank", "day", "number"],
                name="payout_number_once",
                nulls_distinct=False,
                violation_error_message=_("Somebody else has just made a batch; look at the list again."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=9999),
                name="payout_number_range",
                violation_error_message=_("Batches of a day are numbered from 1 to 9999."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, lines__gte=1),
                name="payout_not_empty",
                violation_error_message=_("An empty batch is none."),
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                name="payout_digest_format",
                violation_error_message=_("A batch is frozen with the digest of its file."),
            ),
            models.CheckConstraint(
                condition=Q(route="FUND_ACCOUNT", bank__isnull=False, layout__in=["E", "PAIN_03", "PAIN_09"])
                | Q(route="TREASURY", bank__isnull=True, layout="TREASURY"),
                name="payout_route_layout",
                violation_error_message=_("A bank pays from the fund account, the treasury by its list."),
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("made_by")),
                name="payout_second_person",
                violation_error_message=_("Nobody releases a batch they made."),
            ),
            models.CheckConstraint(
                condition=Q(state="RELEASED", released_by__isnull=False, released_at__isnull=False)
                | (~Q(state="RELEASED") & Q(released_by__isnull=True, released_at__isnull=True)),
                name="payout_release_evidence",
                violation_error_message=_("A released batch, and only that, says who released it and when."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in PayoutState]), name="payout_state_known"
            ),
        ]
        triggers = [audit.moves_guard("refunds_payoutbatch", PAYOUT_MOVES)]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The batch's name: bank or TK, region, day, number."""
        return f"{self.bank_id or 'TK'}_{self.region_id}_{self.day:%Y%m%d}_{self.number:04d}"

    @property
    def unit(self) -> str:
        """付款单位号: the bureau's number at the bank."""
        return f"YBJ{self.region_id}02"


class PayoutLine(models.Model):
    """One frozen order to pay, everything its line in the file says, for ever (append-only).

    Another one for the same case can be made only when the one before came to nothing: a guard in the database.
    """

    batch = models.ForeignKey(
        PayoutBatch, verbose_name=_("payout batch"), on_delete=models.PROTECT, related_name="payouts"
    )
    seq = models.PositiveIntegerField(_("line"))
    case = models.ForeignKey(
        RefundCase, verbose_name=_("refund case"), on_delete=models.PROTECT, related_name="payouts"
    )
    nth = models.PositiveSmallIntegerField(_("try"))
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    ref = models.CharField(_("refund number"), max_length=24)
    account = models.CharField(_("account"), max_length=32)
    holder = models.CharField(_("account holder"), max_length=120)
    bank_name = models.CharField(_("opening bank"), max_length=80, blank=True)
    cnaps = models.CharField(_("opening bank code"), max_length=12, blank=True)
    tax_number = models.CharField(_("tax voucher number"), max_length=40, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["batch", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "seq"],
                name="payout_line_once",
                violation_error_message=_("A line stands once in a batch."),
            ),
            models.UniqueConstraint(
                fields=["case", "nth"],
                name="payout_try_once",
                violation_error_message=_("Another batch has taken this case already."),
            ),
            models.UniqueConstraint(
                fields=["ref"],
                name="payout_ref_once",
                violation_error_message=_("A refund number is used once."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"),
                name="payout_line_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
        ]
        triggers = [
            *audit.append_only("refunds_payoutline"),
            pgtrigger.Trigger(
                name="payoutline_one_at_a_time",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "IF EXISTS (SELECT FROM refunds_payoutline l JOIN refunds_payoutbatch b ON b.id = l.batch_id "
                    "WHERE l.case_id = NEW.case_id AND b.state <> 'DROPPED' AND NOT EXISTS ("
                    "SELECT FROM refunds_payoutanswer a WHERE a.payout_id = l.id AND a.outcome IN ('FAILED', 'RETURNED'))) "
                    "THEN RAISE EXCEPTION 'case % has a payout that did not fail', NEW.case_id "
                    f"USING ERRCODE = '{UNANSWERED_ERRCODE}', CONSTRAINT = 'payout_one_at_a_time'; END IF; RETURN NEW;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class PayoutFile(models.Model):
    """A received answer to a payout batch: its bytes' identity, and how it ended."""

    name = models.CharField(_("file name"), max_length=200)
    stored_as = models.CharField(max_length=100)
    size = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    batch = models.ForeignKey(
        PayoutBatch,
        verbose_name=_("payout batch"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="files",
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[
            (AnswerState.HELD.value, _("held")),
            (AnswerState.APPLIED.value, _("applied")),
            (AnswerState.REJECTED.value, _("rejected")),
        ],
    )
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)
    uploaded_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    released_by = models.ForeignKey(
        User, verbose_name=_("released by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payout answer file")
        verbose_name_plural = _("payout answer files")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "-id"], name="payoutfile_region_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=~Q(state="REJECTED"),
                name="payoutfile_bytes_once",
                violation_error_message=_("These bytes were already received."),
            ),
            models.CheckConstraint(
                condition=Q(state="REJECTED") | Q(batch__isnull=False, region__isnull=False),
                name="payoutfile_batch_evidence",
                violation_error_message=_("An answer belongs to a batch."),
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("uploaded_by")),
                name="payoutfile_second_person",
                violation_error_message=_("Nobody releases a file they uploaded."),
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="payoutfile_release_evidence",
                violation_error_message=_("A released file says who released it and when."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in AnswerState]), name="payoutfile_state_known"
            ),
        ]
        triggers = [audit.moves_guard("refunds_payoutfile", ANSWER_MOVES)]

    def __str__(self) -> str:
        return self.name


class PayoutAnswer(models.Model):
    """What a line of an applied answer says (append-only). ``id = file * 10**8 + line number``."""

    class Outcome(models.TextChoices):
        PAID = "PAID", _("paid out")
        FAILED = "FAILED", _("failed")
        PENDING = "PENDING", _("no final answer")
        RETURNED = "RETURNED", _("came back after it was paid")
        STRANGE = "STRANGE", _("belongs to nothing of ours, or contradicts")

    id = models.BigIntegerField(primary_key=True)
    payout = models.ForeignKey(
        PayoutLine,
        verbose_name=_("payout"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="answers",
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    code = models.CharField(_("result code"), max_length=10, blank=True)
    internal = models.CharField(_("meaning"), max_length=14, blank=True)
    text = models.CharField(_("the bank's words"), max_length=200, blank=True)
    bank_key = models.CharField(_("bank"), max_length=3, blank=True)
    serial = models.CharField(_("bank serial"), max_length=40, blank=True)
    paid = models.DecimalField(_("paid"), max_digits=12, decimal_places=2, default=0)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=24, blank=True)

    class Meta:
        verbose_name = _("answer to a payout")
        verbose_name_plural = _("answers to payouts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payout", "outcome"],
                condition=Q(outcome__in=["PAID", "FAILED", "RETURNED"]),
                name="payout_answer_once",
                violation_error_message=_("A payout is answered finally once."),
            ),
            models.UniqueConstraint(
                fields=["bank_key", "serial"],
                condition=Q(outcome="PAID") & ~Q(serial=""),
                name="payout_serial_once",
                violation_error_message=_("This bank serial paid another refund."),
            ),
            models.CheckConstraint(
                condition=Q(outcome="STRANGE") | Q(payout__isnull=False),
                name="payout_answer_line",
                violation_error_message=_("An answer belongs to a payout."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="PAID") | Q(paid__gt=0, paid_on__isnull=False),
                name="payout_paid_evidence",
                violation_error_message=_("Paid means an amount and a day."),
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte="9999999999.99"),
                name="payout_answer_range",
                violation_error_message=_("An amount is between 0.00 and 9,999,999,999.99 yuan."),
            ),
        ]
        triggers = audit.append_only("refunds_payoutanswer")

    def __str__(self) -> str:
        return f"{self.pk // LINES_A_FILE}:{self.pk % LINES_A_FILE}"


for _model in (PayoutBatch, PayoutFile):
    audit.track(_model)
