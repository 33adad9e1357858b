"""Orders of the channels: what somebody is about to pay for whom, and what the channel said became of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from enrollment.models import Person
from payments.models.channels import Channel
from payments.models.receivables import Receivable
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

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["region", "id"], name="order_region_page"),
            models.Index(
                fields=["locked_until"], condition=Q(state__in=["OPEN", "ASKED"]), name="order_waiting"
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


audit.track(Order)
