"""Village agents who take cash: their numbered receipt books, each receipt once, and what they handed over."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from payments.models.orders import Order

MOST_IN_A_BOOK = 1000


class VillageAgent(models.Model):
    """Somebody of a village who collects contributions in cash (村组代办员)."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    village = models.CharField(_("village"), max_length=80)
    active = models.BooleanField(_("active"), default=True)
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("village agent")
        verbose_name_plural = _("village agents")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], name="agent_code_once", violation_error_message=_("This code is taken.")
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9-]{2,20}$"),
                name="agent_code_format",
                violation_error_message=_("A code is made of capital letters, digits and hyphens."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ReceiptBook(models.Model):
    """Numbered receipts handed out to an agent; no number of a series is in two books (append-only)."""

    agent = models.ForeignKey(
        VillageAgent, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="books"
    )
    series = models.CharField(_("receipt series"), max_length=8)
    first = models.PositiveIntegerField(_("first receipt"))
    last = models.PositiveIntegerField(_("last receipt"))
    handed_by = models.ForeignKey(
        User, verbose_name=_("handed out by"), on_delete=models.PROTECT, related_name="+"
    )
    handed_at = models.DateTimeField(_("handed out at"))

    class Meta:
        verbose_name = _("receipt book")
        verbose_name_plural = _("receipt books")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    first__gte=1,
                    last__gte=F("first"),
                    last__lt=F("first") + MOST_IN_A_BOOK,
                    last__lte=99_999_999,
                ),
                name="receipt_book_range",
                violation_error_message=_(
                    "A book has 1 to 1,000 receipts with numbers of at most eight digits."
                ),
            ),
            models.CheckConstraint(
                condition=Q(series__regex=r"^[A-Z0-9]{1,8}$"),
                name="receipt_book_series_format",
                violation_error_message=_("A series is made of capital letters and digits."),
            ),
            ExclusionConstraint(
                name="receipt_book_apart",
                expressions=[
                    ("series", RangeOperators.EQUAL),
                    (
                        Func(
                            "first",
                            "last",
                            Value("[]"),
                            function="int4range",
                            output_field=IntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Some of these numbers are in another book."),
            ),
        ]
        triggers = audit.append_only("payments_receiptbook")

    def __str__(self) -> str:
        return f"{self.series} {self.first:08d}–{self.last:08d}"


class CashReceipt(models.Model):
    """A receipt of a book: cash for an order, or a sheet that was spoilt. A number is used once (append-only)."""

    book = models.ForeignKey(
        ReceiptBook, verbose_name=_("receipt book"), on_delete=models.PROTECT, related_name="receipts"
    )
    agent = models.ForeignKey(
        VillageAgent, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="receipts"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    series = models.CharField(_("receipt series"), max_length=8)
    number = models.PositiveIntegerField(_("receipt number"))
    order = models.OneToOneField(
        Order,
        verbose_name=_("order"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cash_receipt",
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    paid_on = models.DateField(_("paid on"))
    spoilt = models.CharField(_("why it was spoilt"), max_length=200, blank=True)
    keyed_by = models.ForeignKey(
        User, verbose_name=_("keyed in by"), on_delete=models.PROTECT, related_name="+"
    )
    keyed_at = models.DateTimeField(_("keyed in at"))

    class Meta:
        verbose_name = _("cash receipt")
        verbose_name_plural = _("cash receipts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "-id"], name="cash_receipt_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "number"],
                name="cash_receipt_once",
                violation_error_message=_("This receipt number was used before."),
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False, amount__gt=0, spoilt="")
                | Q(order__isnull=True, amount=0) & ~Q(spoilt=""),
                name="cash_receipt_evidence",
                violation_error_message=_("A receipt is for an order, or was spoilt and says why."),
            ),
        ]
        triggers = audit.append_only("payments_cashreceipt")

    def __str__(self) -> str:
        return f"{self.series}{self.number:08d}"


class CashHandover(models.Model):
    """Cash that an agent handed over, counted before the agent: short or over says so with a note (append-only)."""

    agent = models.ForeignKey(
        VillageAgent, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="handovers"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    nth = models.PositiveIntegerField(_("hand-over"))
    expected = models.DecimalField(_("expected"), max_digits=12, decimal_places=2)
    counted = models.DecimalField(_("counted"), max_digits=12, decimal_places=2)
    note = models.CharField(_("note"), max_length=300, blank=True)
    counted_by = models.ForeignKey(
        User, verbose_name=_("counted by"), on_delete=models.PROTECT, related_name="+"
    )
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("hand-over of cash")
        verbose_name_plural = _("hand-overs of cash")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "nth"],
                name="cash_handover_once",
                violation_error_message=_("This hand-over was written down already."),
            ),
            models.CheckConstraint(
                condition=Q(counted__gte=0),
                name="cash_handover_amount_range",
                violation_error_message=_("Counted cash is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(counted=F("expected")) | ~Q(note=""),
                name="cash_handover_difference_explained",
                violation_error_message=_("Cash that is short or over needs a note."),
            ),
        ]
        triggers = audit.append_only("payments_cashhandover")

    def __str__(self) -> str:
        return f"{self.agent_id} #{self.nth}"


audit.track(VillageAgent)
