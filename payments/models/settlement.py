"""Money between a channel and the treasury: lines of statements and settlements, debits nobody booked, day cuts, voids."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Proposal, Region
from enrollment.models import Person
from payments.models.channels import Channel
from payments.models.workitems import WorkItem
from payments.states import DEBIT_CASE_MOVES, DebitCaseState, Outcome

LINES_A_FILE = 10**8
OURS_FIRST = 5 * 10**7
"""Numbers from here on are rows of ours that the file lacks; a file has at most 5 million lines."""
OUTCOME_CHOICES = [
    (Outcome.MATCHED.value, _("equal")),
    (Outcome.OURS_ONLY.value, _("short: only in our books")),
    (Outcome.THEIRS_ONLY.value, _("long: not in our books")),
    (Outcome.AMOUNT_DIFF.value, _("amount differs")),
    (Outcome.DATE_DIFF.value, _("date differs")),
    (Outcome.DUP.value, _("said twice")),
]


class Side(models.IntegerChoices):
    """Whose file a line is from."""

    CHANNEL = 1, _("channel")
    TREASURY = 2, _("treasury")


class Turn(models.IntegerChoices):
    """Which way the money went (design: bank-files 8.5, C)."""

    RECEIPT = 1, _("received")
    RETURN = 2, _("returned")


class Ours(models.IntegerChoices):
    """What of ours a line speaks of."""

    ORDER = 1, _("order")
    PAYMENT = 2, _("payment")
    DUPLICATE = 3, _("duplicate payment")
    REVERSAL = 4, _("reversal")
    CASE = 5, _("debit not posted")


class SettlementLine(models.Model):
    """A line of a channel's statement or of the treasury's settlement, held against our books (append-only).

    ``id = file * 10**8 + line number``; numbers from OURS_FIRST on are rows of ours that the file lacks. ``amount`` is what
    the file says (for a row of ours: what we say), ``ours_amount`` and ``ours_on`` what we have.
    """

    id = models.BigIntegerField(primary_key=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    side = models.PositiveSmallIntegerField(_("side"), choices=Side.choices)
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices, blank=True)
    day = models.DateField(_("settlement day"))
    outcome = models.PositiveSmallIntegerField(_("outcome"), choices=OUTCOME_CHOICES)
    turn = models.PositiveSmallIntegerField(_("direction"), choices=Turn.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    happened_on = models.DateField(_("their date"), null=True, blank=True)
    serial = models.CharField(_("serial"), max_length=64, blank=True)
    ref = models.CharField(_("reference"), max_length=64, blank=True)
    ours_kind = models.PositiveSmallIntegerField(_("of ours"), choices=Ours.choices, null=True, blank=True)
    ours_id = models.BigIntegerField(_("our number"), null=True, blank=True)
    ours_amount = models.DecimalField(_("our amount"), max_digits=12, decimal_places=2, null=True, blank=True)
    ours_on = models.DateField(_("our date"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    text = models.CharField(_("text"), max_length=1100, blank=True)

    class Meta:
        verbose_name = _("settlement line")
        verbose_name_plural = _("settlement lines")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["side", "ours_kind", "ours_id"], name="settlement_ours"),
            models.Index(fields=["region", "day", "id"], name="settlement_day"),
            models.Index(fields=["outcome", "id"], name="settlement_exceptions", condition=~Q(outcome=1)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "turn", "serial", "ref"],
                condition=Q(side=1, outcome__in=[1, 3, 4, 5]) & ~Q(serial=""),
                name="settlement_serial_once",
                violation_error_message=_("This serial of the channel was counted before."),
            ),
            models.UniqueConstraint(
                fields=["side", "turn", "ours_kind", "ours_id"],
                condition=Q(outcome__in=[1, 4, 5]),
                name="settlement_ours_once",
                violation_error_message=_("Another line of this side speaks of the same money."),
            ),
            models.UniqueConstraint(
                fields=["side", "turn", "ours_kind", "ours_id"],
                condition=Q(outcome=2),
                name="settlement_missing_once",
                violation_error_message=_("This money was missed before."),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[o.value for o in Outcome])
                & Q(side__in=Side.values)
                & Q(turn__in=Turn.values),
                name="settlement_words_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[3, 6])
                | Q(ours_kind__isnull=False, ours_id__isnull=False, ours_amount__isnull=False),
                name="settlement_ours_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=1) | Q(amount=models.F("ours_amount")),
                name="settlement_equal_is_equal",
            ),
            models.CheckConstraint(
                condition=Q(side=1) & ~Q(channel="") | Q(side=2), name="settlement_channel_named"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte="9999999999.99"), name="settlement_amount_range"
            ),
        ]
        triggers = audit.append_only("payments_settlementline")

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line_no}"

    @property
    def file_id(self) -> int:
        """The file that the key carries."""
        return self.pk // LINES_A_FILE

    @property
    def line_no(self) -> int:
        """The line's number in its file; rows of ours count from OURS_FIRST."""
        return self.pk % LINES_A_FILE


class DebitCase(models.Model):
    """Money that was debited and not posted, with the bank's clock of three working days (design: domain 5.1, P02).

    It closes by the return in a statement, by a later booking, or by a person who says what it was.
    """

    item = models.OneToOneField(
        WorkItem, verbose_name=_("work item"), on_delete=models.PROTECT, related_name="debit_case"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="debit_cases",
    )
    serial = models.CharField(_("serial"), max_length=64, blank=True)
    ref = models.CharField(_("reference"), max_length=64, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    debited_on = models.DateField(_("debit date"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    due_on = models.DateField(_("back by"))
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=[
            (DebitCaseState.OPEN.value, _("waits for the bank")),
            (DebitCaseState.ESCALATED.value, _("the bank is late")),
            (DebitCaseState.RETURNED.value, _("the bank returned it")),
            (DebitCaseState.BOOKED.value, _("booked after all")),
            (DebitCaseState.EXPLAINED.value, _("explained by a person")),
        ],
        default=DebitCaseState.OPEN.value,
    )
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    return_line_id = models.BigIntegerField(_("line of the return"), null=True, blank=True)
    returned_on = models.DateField(_("returned on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("debit not posted")
        verbose_name_plural = _("debits not posted")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["region", "due_on", "id"],
                name="debitcase_queue",
                condition=Q(state__in=["OPEN", "ESCALATED"]),
            ),
            models.Index(fields=["channel", "serial"], name="debitcase_serial"),
            models.Index(fields=["channel", "ref"], name="debitcase_ref"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["return_line_id"],
                name="debitcase_return_once",
                violation_error_message=_("This return closed another case."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"), name="debitcase_amount_range"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in DebitCaseState]), name="debitcase_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="RETURNED", return_line_id__isnull=False, returned_on__isnull=False)
                | ~Q(state="RETURNED") & Q(return_line_id__isnull=True, returned_on__isnull=True),
                name="debitcase_return_evidence",
                violation_error_message=_("A returned debit, and only that, names the line of the return."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "ESCALATED"], closed_at__isnull=True)
                | ~Q(state__in=["OPEN", "ESCALATED"]) & Q(closed_at__isnull=False),
                name="debitcase_end_evidence",
                violation_error_message=_("A closed case, and only that, says when."),
            ),
        ]
        triggers = [audit.moves_guard("payments_debitcase", DEBIT_CASE_MOVES)]

    def __str__(self) -> str:
        return f"#{self.pk}"


class DayCut(models.Model):
    """What came through a channel on a day, three ways: our books, the channel's statements, the treasury (counted again
    at every cut). ``expected_on``: the working day by which the channel's money is in the treasury.
    """

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    day = models.DateField(_("day"))
    booked_lines = models.PositiveIntegerField(_("booked lines"), default=0)
    booked = models.DecimalField(_("booked"), max_digits=16, decimal_places=2, default=0)
    duplicate_lines = models.PositiveIntegerField(_("duplicate lines"), default=0)
    duplicate = models.DecimalField(_("duplicates"), max_digits=16, decimal_places=2, default=0)
    back_lines = models.PositiveIntegerField(_("reversed lines"), default=0)
    back = models.DecimalField(_("reversed"), max_digits=16, decimal_places=2, default=0)
    loose_lines = models.PositiveIntegerField(_("lines debited, not posted"), default=0)
    loose = models.DecimalField(_("debited, not posted"), max_digits=16, decimal_places=2, default=0)
    stated_lines = models.PositiveIntegerField(_("stated lines"), default=0)
    stated = models.DecimalField(_("stated by the channel"), max_digits=16, decimal_places=2, default=0)
    returned_lines = models.PositiveIntegerField(_("returned lines"), default=0)
    returned = models.DecimalField(_("returned by the channel"), max_digits=16, decimal_places=2, default=0)
    treasury_lines = models.PositiveIntegerField(_("treasury lines"), default=0)
    treasury = models.DecimalField(_("in the treasury"), max_digits=16, decimal_places=2, default=0)
    unsettled_lines = models.PositiveIntegerField(_("unsettled lines"), default=0)
    unsettled = models.DecimalField(_("unsettled"), max_digits=16, decimal_places=2, default=0)
    differences = models.PositiveIntegerField(_("open differences"), default=0)
    has_statement = models.BooleanField(_("statement received"), default=False)
    expected_on = models.DateField(_("in the treasury by"))
    cut_at = models.DateTimeField(_("cut at"))

    class Meta:
        verbose_name = _("day cut")
        verbose_name_plural = _("day cuts")
        ordering = ["-day", "channel", "region"]
        indexes = [
            models.Index(fields=["region", "-id"], name="daycut_page"),
            models.Index(fields=["expected_on"], name="daycut_unsettled", condition=Q(unsettled_lines__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["region", "channel", "day"], name="daycut_once"),
            models.CheckConstraint(
                condition=Q(unsettled__gte=0, treasury__gte=0, booked__gte=0), name="daycut_amount_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.region_id}"


class DeclarationVoid(models.Model):
    """A declared record that was never debited, voided by the tax office: two officers and a reason (append-only)."""

    receivable_id = models.BigIntegerField(_("receivable"))
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="voids"
    )
    order_id = models.BigIntegerField(_("order"), null=True, blank=True)
    instruction_id = models.BigIntegerField(_("instruction"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=500)
    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="+"
    )
    voided_at = models.DateTimeField(_("voided at"))

    class Meta:
        verbose_name = _("voided declaration")
        verbose_name_plural = _("voided declarations")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["region", "-id"], name="void_page"),
            models.Index(fields=["receivable_id"], name="void_receivable"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["receivable_id", "order_id", "instruction_id"],
                nulls_distinct=False,
                name="void_once",
                violation_error_message=_("This declaration is void already."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="void_has_reason",
                violation_error_message=_("Please give a reason."),
            ),
            models.CheckConstraint(
                condition=Q(order_id__isnull=True) | Q(instruction_id__isnull=True), name="void_of_one"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"), name="void_amount_range"
            ),
        ]
        triggers = audit.append_only("payments_declarationvoid")

    def __str__(self) -> str:
        return str(self.pk)


audit.track(DebitCase)
