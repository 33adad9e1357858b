"""Money that arrived: payments, duplicates, reversals. Rows are never changed; corrections are new rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from bureau.partitions import YearPartition
from enrollment.models import Person
from payments.models.channels import Channel

FIRST_REFUND = 8 * 10**18
"""Reversing rows of refunds are numbered from here, above every line of a bank, an order or a swap: the number of the line
of the refund's case follows."""


class Payment(models.Model):
    """A receivable paid. ``id = receivable * 100 + nth``, nth counting reversals: the key is the rule "paid once"."""

    partition = YearPartition(
        factor=10**12,
        append_only=True,
        leaf_ddl=('CREATE INDEX "{leaf}_page" ON "{leaf}" (region_id, id)',),
    )
    id = models.BigIntegerField(primary_key=True)
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="payments",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    debited_on = models.DateField(_("debit date"))
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    line_id = models.BigIntegerField(_("line it came with"), null=True, blank=True)
    instruction_id = models.BigIntegerField(_("instruction"), null=True, blank=True)
    channel_serial = models.CharField(_("channel serial"), max_length=64, blank=True)
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"),
                name="payment_amount_range",
                violation_error_message=_("An amount is between 0.01 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(channel="BANK_BATCH", line_id__isnull=False, instruction_id__isnull=False)
                | ~Q(channel="BANK_BATCH") & ~Q(channel_serial=""),
                name="payment_evidence",
            ),
        ]
        triggers = audit.append_only("payments_payment")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def receivable_id(self) -> int:
        """The receivable that the key carries."""
        return self.pk // 100

    @property
    def benefit_year(self) -> int:
        """The year that the key carries."""
        return self.pk // 10**12


class DuplicatePayment(models.Model):
    """Money that arrived for a person-year already paid: booked, carrying no cover, proposed for refund.

    The refunds app pulls these rows; nothing here changes when one is refunded.
    """

    line_id = models.BigIntegerField(_("bank line"), primary_key=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="duplicates"
    )
    receivable_id = models.BigIntegerField(_("receivable"))
    instruction_id = models.BigIntegerField(_("instruction"), null=True, blank=True)
    carried_by = models.BigIntegerField(_("payment that carries the year"), null=True, blank=True)
    exempt_by = models.BigIntegerField(_("cover by aid that carries the year"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    debited_on = models.DateField(_("debit date"))
    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        verbose_name = _("duplicate payment")
        verbose_name_plural = _("duplicate payments")
        ordering = ["-posted_at", "line_id"]
        indexes = [models.Index(fields=["region", "line_id"], name="duplicate_region")]
        constraints = [
            models.UniqueConstraint(fields=["instruction_id"], name="duplicate_instruction_once"),
            models.CheckConstraint(
                condition=~Q(channel="BANK_BATCH") | Q(instruction_id__isnull=False),
                name="duplicate_evidence",
                violation_error_message=_("A duplicate of a bank file names its instruction."),
            ),
            models.CheckConstraint(
                condition=Q(carried_by__isnull=False, exempt_by__isnull=True)
                | Q(carried_by__isnull=True, exempt_by__isnull=False),
                name="duplicate_of_one",
                violation_error_message=_(
                    "A duplicate names what carries the year: a payment, or cover by aid."
                ),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"), name="duplicate_amount_range"
            ),
        ]
        triggers = audit.append_only("payments_duplicatepayment")

    def __str__(self) -> str:
        return str(self.pk)


class Reversal(models.Model):
    """The reversing row of a payment or of a duplicate that the bank took back (append-only)."""

    line_id = models.BigIntegerField(_("bank line"), primary_key=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="reversals"
    )
    payment_id = models.BigIntegerField(_("payment"), null=True, blank=True)
    duplicate_id = models.BigIntegerField(_("duplicate payment"), null=True, blank=True)
    booked_line_id = models.BigIntegerField(_("booked line"), null=True, blank=True)
    receivable_id = models.BigIntegerField(_("receivable"), db_index=True)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reversed_on = models.DateField(_("reversed on"))
    posted_at = models.DateTimeField(_("posted at"))

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        ordering = ["-posted_at", "line_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(payment_id__isnull=False, duplicate_id__isnull=True)
                | Q(payment_id__isnull=True, duplicate_id__isnull=False),
                name="reversal_of_one",
            ),
            models.UniqueConstraint(fields=["payment_id"], name="reversal_payment_once"),
            models.UniqueConstraint(fields=["duplicate_id"], name="reversal_duplicate_once"),
            models.UniqueConstraint(fields=["booked_line_id"], name="reversal_booked_line_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"), name="reversal_amount_range"
            ),
        ]
        triggers = audit.append_only("payments_reversal")

    def __str__(self) -> str:
        return str(self.pk)
