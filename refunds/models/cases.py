"""Refund cases: who asks for which money, and what was decided; the evidence of each state, the money that is spoken for."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import ApiClient, Region, User
from enrollment.choices import RefundReason
from enrollment.models import Person, Policy
from refunds.eligibility import Outcome, Payee
from refunds.models.choices import APPLICANTS, ORIGINS, PAYEES, REASONS, ROUTES, STATES
from refunds.states import (
    APPROVED,
    CASE_MOVES,
    ENDED,
    NOT_RESERVING,
    PAYING,
    REVIEWED,
    SAYS_WHY,
    CaseState,
)

RESERVED_ERRCODE = "BU003"
STEP_ERRCODE = "BU004"
_FREE = ", ".join(f"'{state}'" for state in NOT_RESERVING)
ASKED_FOR = tuple(reason for reason in RefundReason if reason != RefundReason.NOT_ELIGIBLE_WHEN_PAID)


def _reserved(table: str, key: str, column: str) -> str:
    """The lock comes first, the sum after it, so that the second of two sees what the first reserved."""
    return (
        f"SELECT amount INTO paid FROM {table} WHERE {key} = line.{column} FOR NO KEY UPDATE; "
        f"SELECT coalesce(sum(l.amount), 0) INTO used FROM refunds_refundline l "
        f"JOIN refunds_refundcase c ON c.id = l.case_id "
        f"WHERE l.{column} = line.{column} AND c.state NOT IN ({_FREE});"
    )


_CHECK_LINE = (
    f"IF line.payment_id IS NOT NULL THEN {_reserved('payments_payment', 'id', 'payment_id')} "
    f"ELSIF line.duplicate_id IS NOT NULL THEN "
    f"{_reserved('payments_duplicatepayment', 'line_id', 'duplicate_id')} END IF; "
    "IF paid IS NULL OR used > paid THEN "
    "RAISE EXCEPTION 'refunds of % exceed what was paid: % of %', coalesce(line.payment_id, line.duplicate_id), "
    f"used, paid USING ERRCODE = '{RESERVED_ERRCODE}', CONSTRAINT = 'refund_reserved'; END IF;"
)
_DECLARE = [("line", "record"), ("paid", "numeric"), ("used", "numeric")]


class RefundCase(models.Model):
    """One application for a refund, by anybody entitled, of one region and benefit year."""

    number = models.CharField(_("case number"), max_length=20)
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="refund_cases"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    reason = models.CharField(_("reason"), max_length=22, choices=REASONS)
    origin = models.CharField(_("came by"), max_length=8, choices=ORIGINS)
    client = models.ForeignKey(
        ApiClient,
        verbose_name=_("partner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reference = models.CharField(_("partner's number"), max_length=40, blank=True)
    applicant = models.CharField(_("applicant is"), max_length=8, choices=APPLICANTS)
    applicant_name = models.CharField(_("applicant"), max_length=80, blank=True)
    applicant_number = models.CharField(_("applicant's ID number"), max_length=40, blank=True)
    applicant_phone = models.CharField(_("phone"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    event_date = models.DateField(_("date of the event"), null=True, blank=True)
    correct_amount = models.DecimalField(
        _("right amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    claims_settled_on = models.DateField(_("claim settled on"), null=True, blank=True)
    applied_on = models.DateField(_("applied on"))
    again_receivable_id = models.BigIntegerField(_("to be paid again"), null=True, blank=True)
    policy = models.ForeignKey(
        Policy, verbose_name=_("policy version"), on_delete=models.PROTECT, related_name="+"
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, default=0)
    payee = models.CharField(_("payee"), max_length=15, choices=PAYEES, blank=True)
    route = models.CharField(_("route"), max_length=13, choices=ROUTES, blank=True)
    state = models.CharField(_("state"), max_length=15, choices=STATES, default=CaseState.DRAFT.value)
    state_at = models.DateTimeField(_("in this state since"))
    held_by = models.ForeignKey(
        User, verbose_name=_("taken by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"))
    submitted_by = models.ForeignKey(
        User,
        verbose_name=_("submitted by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, verbose_name=_("reviewed by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, verbose_name=_("approved by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    payout_by = models.ForeignKey(
        User,
        verbose_name=_("payout made by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    payout_at = models.DateTimeField(_("payout made at"), null=True, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    words = models.CharField(_("reason given"), max_length=500, blank=True)
    missing = models.JSONField(_("missing papers"), default=list, blank=True)
    round = models.PositiveSmallIntegerField(_("round"), default=0)
    tries = models.PositiveSmallIntegerField(_("payouts"), default=0)
    target_on = models.DateField(_("target"), null=True, blank=True)
    limit_on = models.DateField(_("hard limit"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund case")
        verbose_name_plural = _("refund cases")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["region", "state", "state_at", "id"], name="refund_queue"),
            models.Index(fields=["state", "state_at", "id"], name="refund_queue_all"),
            models.Index(fields=["person"], name="refund_person"),
            models.Index(
                fields=["limit_on", "id"], name="refund_clock", condition=~Q(state__in=[*ENDED, "PAID"])
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                name="refund_number_once",
                violation_error_message=_("This case number is taken."),
            ),
            models.UniqueConstraint(
                fields=["client", "reference"],
                condition=~Q(reference=""),
                name="refund_reference_once",
                violation_error_message=_("The partner has used this number for another application."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in CaseState]), name="refund_state_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[r.value for r in ASKED_FOR]), name="refund_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte="9999999999.99"),
                name="refund_amount_range",
                violation_error_message=_("An amount is between 0.00 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(origin="PARTNER", client__isnull=False)
                | (~Q(origin="PARTNER") & Q(client__isnull=True)),
                name="refund_origin_evidence",
                violation_error_message=_("An application of a partner, and only that, names the partner."),
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT")
                | Q(submitted_at__isnull=False, target_on__isnull=False, limit_on__gte=F("target_on"))
                & (Q(submitted_by__isnull=False) | Q(client__isnull=False))
                | Q(state="WITHDRAWN"),
                name="refund_submit_evidence",
                violation_error_message=_("A submitted case says who submitted it, when, and until when."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[s.value for s in REVIEWED])
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="refund_review_evidence",
                violation_error_message=_("A reviewed case says who reviewed it and when."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[s.value for s in APPROVED])
                | Q(approved_by__isnull=False, approved_at__isnull=False, amount__gt=0)
                & ~Q(route="")
                & ~Q(payee=""),
                name="refund_approval_evidence",
                violation_error_message=_(
                    "An approved case says who approved it, when, how much, and by which route."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[*(s.value for s in PAYING), "PAID", "PAY_FAILED"])
                | Q(payout_by__isnull=False, payout_at__isnull=False, tries__gte=1),
                name="refund_payout_evidence",
                violation_error_message=_("A case being paid out says who made the payout and when."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PAID", "CLOSED"], paid_on__isnull=False)
                | (~Q(state__in=["PAID", "CLOSED"]) & Q(paid_on__isnull=True)),
                name="refund_paid_evidence",
                violation_error_message=_("A case whose money arrived, and only that, says on which day."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[s.value for s in SAYS_WHY]) | ~Q(words=""),
                name="refund_words_evidence",
                violation_error_message=_("Please give a reason."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ENDED], ended_at__isnull=False)
                | (~Q(state__in=[s.value for s in ENDED]) & Q(ended_at__isnull=True)),
                name="refund_end_evidence",
                violation_error_message=_("A case that ended, and only that, says when."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["BUREAU_REVIEW", "TAX_REVIEW"]) | Q(held_by__isnull=False),
                name="refund_hand_evidence",
                violation_error_message=_("A case in hand says in whose."),
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("submitted_by"))
                & ~Q(approved_by=F("submitted_by"))
                & ~Q(approved_by=F("reviewed_by"))
                & ~Q(payout_by=F("submitted_by"))
                & ~Q(payout_by=F("reviewed_by"))
                & ~Q(payout_by=F("approved_by")),
                name="refund_four_persons",
                violation_error_message=_(
                    "Who asks, who reviews, who approves and who pays out are four persons."
                ),
            ),
        ]
        triggers = [
            audit.moves_guard("refunds_refundcase", CASE_MOVES),
            pgtrigger.Trigger(
                name="refundcase_step",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
                timing=pgtrigger.Deferred,
                func=(
                    "IF NOT EXISTS (SELECT FROM refunds_refundstep s WHERE s.case_id = NEW.id "
                    "AND s.to_state = NEW.state AND s.xid = pg_current_xact_id()::text::bigint) THEN "
                    "RAISE EXCEPTION 'case % became % without a step', NEW.id, NEW.state "
                    f"USING ERRCODE = '{STEP_ERRCODE}', CONSTRAINT = 'refund_step_evidence'; END IF; RETURN NULL;"
                ),
            ),
            pgtrigger.Trigger(
                name="refundcase_reserved",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),
                timing=pgtrigger.Deferred,
                declare=_DECLARE,
                condition=pgtrigger.Condition(f'OLD."state" IN ({_FREE}) AND NEW."state" NOT IN ({_FREE})'),
                func=(
                    "FOR line IN SELECT * FROM refunds_refundline WHERE case_id = NEW.id ORDER BY id LOOP "
                    f"{_CHECK_LINE} END LOOP; RETURN NULL;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RefundLine(models.Model):
    """The money a case is about: one payment or one duplicate, with its decision."""

    case = models.ForeignKey(
        RefundCase, verbose_name=_("refund case"), on_delete=models.PROTECT, related_name="lines"
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="refund_lines"
    )
    payment_id = models.BigIntegerField(_("payment"), null=True, blank=True, db_index=True)
    duplicate_id = models.BigIntegerField(_("duplicate payment"), null=True, blank=True, db_index=True)
    receivable_id = models.BigIntegerField(_("receivable"))
    paid = models.DecimalField(_("paid"), max_digits=12, decimal_places=2)
    paid_on = models.DateField(_("payment date"))
    channel = models.CharField(_("channel"), max_length=14)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, default=0)
    outcome = models.CharField(
        _("decision"), max_length=10, choices=[(one.value, one.value) for one in Outcome]
    )
    rule = models.CharField(_("rule"), max_length=22)
    payee = models.CharField(
        _("payee"), max_length=15, blank=True, choices=[(p.value, p.value) for p in Payee if p]
    )
    explain_zh = models.CharField(_("explanation"), max_length=500)
    explain_en = models.CharField(_("explanation in English"), max_length=500)
    facts = models.JSONField(_("facts it rests on"), default=dict)

    class Meta:
        verbose_name = _("line of a refund")
        verbose_name_plural = _("lines of refunds")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "payment_id", "duplicate_id"],
                name="refund_line_once",
                nulls_distinct=False,
                violation_error_message=_("A case names each payment once."),
            ),
            models.CheckConstraint(
                condition=Q(payment_id__isnull=False, duplicate_id__isnull=True)
                | Q(payment_id__isnull=True, duplicate_id__isnull=False),
                name="refund_line_of_one",
                violation_error_message=_("A line is about one payment or one duplicate."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=F("paid"), paid__gt=0),
                name="refund_line_range",
                violation_error_message=_("No more goes back than was paid."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["REFUND", "REVIEW"], amount__gt=0) | Q(outcome="REFUSE", amount=0),
                name="refund_line_decision",
                violation_error_message=_("Only what is refunded, or still open, has an amount."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="refundline_reserved",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("amount"),
                timing=pgtrigger.Deferred,
                declare=_DECLARE,
                func=(
                    "FOR line IN SELECT l.* FROM refunds_refundline l JOIN refunds_refundcase c ON c.id = l.case_id "
                    f"WHERE l.id = NEW.id AND c.state NOT IN ({_FREE}) LOOP {_CHECK_LINE} END LOOP; RETURN NULL;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.amount}"


for _model in (RefundCase, RefundLine):
    audit.track(_model)
