"""Orders of the channels: what somebody is about to pay for whom, and what the channel said became of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from enrollment.models import Person
from payments.models.channels import Channel
from payments.models.receivables import Receivable
from payments.models.workitems import WorkItem
from payments.states import ORDER_MOVES, OrderState

FIRST_LINE = 4 * 10**18
"""Numbers of order lines begin here: far above every bank line's (file * 10^8 + line), so that one number names the source
of a payment or a duplicate whatever it came from."""


class Order(models.Model):
    """One payer, up to the channel's number of insured persons, a line each; moved by the channel, one at a time."""

    number = models.CharField(_("order number"), max_length=24)
    client_code = models.CharField(_("partner"), max_length=40)
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    payer_name = models.CharField(_("payer"), max_length=80)
    payer_account = models.CharField(_("payer's account at the channel"), max_length=64, blank=True)
    card_type = models.CharField(_("card type"), max_length=8, default="DEBIT")
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    consent = models.BooleanField(_("the payer agreed to wait"), default=False)
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=[(s.value, s.value) for s in OrderState],
        default=OrderState.OPEN.value,
    )
    opened_at = models.DateTimeField(_("opened at"))
    locked_until = models.DateTimeField(_("locked until"))
    asked_at = models.DateTimeField(_("channel asked at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    channel_serial = models.CharField(_("channel serial"), max_length=64, blank=True)
    debited_at = models.DateTimeField(_("debited at"), null=True, blank=True)
    again_for = models.ForeignKey(
        "self", verbose_name=_("second debit of the order"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="again",
    )  # fmt: skip

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["region", "id"], name="order_region_page"),
            models.Index(
                fields=["locked_until"], condition=Q(state__in=["OPEN", "ASKED"]), name="order_waiting"
            ),
            models.Index(
                fields=["channel", "payer_account"], condition=~Q(payer_account=""), name="order_payer"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                name="order_number_once",
                violation_error_message=_("This order number is taken."),
            ),
            models.UniqueConstraint(
                fields=["channel", "channel_serial"],
                condition=~Q(channel_serial=""),
                name="order_serial_once",
                violation_error_message=_("This channel serial paid another order."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"),
                name="order_amount_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in OrderState]),
                name="order_state_known",
                violation_error_message=_("There is no such state of an order."),
            ),
            models.CheckConstraint(
                condition=(Q(state="PAID") & ~Q(channel_serial="") & Q(debited_at__isnull=False))
                | (~Q(state="PAID") & Q(channel_serial="", debited_at__isnull=True)),
                name="order_paid_evidence",
                violation_error_message=_("A paid order, and only that, has the channel's serial and time."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "ASKED"], ended_at__isnull=True)
                | (~Q(state__in=["OPEN", "ASKED"]) & Q(ended_at__isnull=False)),
                name="order_end_evidence",
                violation_error_message=_("An order that ended, and only that, says when."),
            ),
            models.CheckConstraint(
                condition=Q(locked_until__gt=F("opened_at")),
                name="order_lock_order",
                violation_error_message=_("An order is locked for some time."),
            ),
            models.CheckConstraint(
                condition=Q(again_for__isnull=True) | Q(state="PAID"),
                name="order_again_is_paid",
                violation_error_message=_("A second debit is written down as an order that is paid."),
            ),
        ]
        triggers = [audit.moves_guard("payments_order", ORDER_MOVES)]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """What an order pays for one insured person: the price of its day, and the cover that was told (append-only)."""

    id = models.BigIntegerField(primary_key=True)
    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="lines")
    receivable = models.ForeignKey(
        Receivable, verbose_name=_("receivable"), on_delete=models.PROTECT, related_name="order_lines",
        db_constraint=False,
    )  # fmt: skip
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="order_lines"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    cover_start = models.DateField(_("cover was told to start"), null=True, blank=True)
    wait_months = models.PositiveSmallIntegerField(_("months of waiting that were told"), default=0)
    told = models.JSONField(_("what was told"), default=dict)

    class Meta:
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "receivable"],
                name="order_line_once",
                violation_error_message=_("An order pays each receivable once."),
            ),
            models.CheckConstraint(
                condition=Q(id__gte=FIRST_LINE),
                name="order_line_number",
                violation_error_message=_("Numbers of order lines lie above those of bank lines."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"),
                name="order_line_amount_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
        ]
        triggers = audit.append_only("payments_orderline")

    def __str__(self) -> str:
        return str(self.pk)


class OrderConsent(models.Model):
    """The payer was told that cover begins later, or not at all this year, and agreed (append-only).

    What was told, the first day and the months, stands in the line.
    """

    class Code(models.TextChoices):
        LATE_WAIT = "LATE_WAIT", _("to wait")
        PAST_YEAR_END = "E_WAIT_PAST_YEAR_END", _("to have no cover this year")

    line = models.ForeignKey(
        OrderLine, verbose_name=_("line of an order"), on_delete=models.PROTECT, related_name="consents"
    )
    code = models.CharField(_("agreed"), max_length=20, choices=Code.choices)
    agreed_at = models.DateTimeField(_("agreed at"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["line", "code"], name="order_consent_once"),
            models.CheckConstraint(
                condition=Q(code__in=["LATE_WAIT", "E_WAIT_PAST_YEAR_END"]), name="order_consent_known"
            ),
        ]
        triggers = audit.append_only("payments_orderconsent")

    def __str__(self) -> str:
        return f"{self.line_id} {self.code}"


class OrderDebit(models.Model):
    """Money that a channel said it took for an order: each of its serials once, whatever became of it (append-only)."""

    class Outcome(models.TextChoices):
        BOOKED = "BOOKED", _("booked")
        AGAIN = "AGAIN", _("a second debit, booked beside the first")
        DIFFERS = "DIFFERS", _("another amount, on a work item")

    class Source(models.TextChoices):
        CALL = "CALL", _("the channel told")
        ASKED = "ASKED", _("the channel answered when asked")
        STATEMENT = "STATEMENT", _("the channel's statement")
        DESK = "DESK", _("keyed in at the desk")

    order = models.ForeignKey(Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="debits")
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    channel_serial = models.CharField(_("channel serial"), max_length=64)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    debited_at = models.DateTimeField(_("debited at"))
    told_at = models.DateTimeField(_("told at"))
    source = models.CharField(_("said by"), max_length=9, choices=Source.choices)
    was = models.CharField(_("the order was"), max_length=9)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices)
    booked_as = models.ForeignKey(
        Order,
        verbose_name=_("booked as order"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    item = models.ForeignKey(
        WorkItem,
        verbose_name=_("work item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("debit of an order")
        verbose_name_plural = _("debits of orders")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "channel_serial"],
                name="order_debit_once",
                violation_error_message=_("This channel serial was told before."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99") & ~Q(channel_serial=""),
                name="order_debit_amount_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(outcome="DIFFERS", item__isnull=False, booked_as__isnull=True)
                | Q(outcome__in=["BOOKED", "AGAIN"], item__isnull=True, booked_as__isnull=False),
                name="order_debit_evidence",
                violation_error_message=_(
                    "Money that was told is booked as an order, or hangs on a work item."
                ),
            ),
            models.CheckConstraint(
                condition=Q(source__in=["CALL", "ASKED", "STATEMENT", "DESK"]),
                name="order_debit_source_known",
            ),
        ]
        triggers = audit.append_only("payments_orderdebit")

    def __str__(self) -> str:
        return f"{self.channel} {self.channel_serial}"


audit.track(Order)
