"""A duplicate that carries the year: two payments of one person and year change places, or what carried the year is gone."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Proposal, Region
from enrollment.models import Person

FIRST_SWAP = 7 * 10**18
"""The two reversing rows of a swap are numbered from here, above every line of a bank or an order: no money moved."""


class Swap(models.Model):
    """The duplicate that was booked on line ``duplicate_id`` became payment ``carried_by``, and payment ``payment_id``
    became the duplicate of its own line; no payment and no line where nothing carried the year any more (append-only).
    """

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="swaps"
    )
    payment_id = models.BigIntegerField(_("payment that carried the year"), null=True, blank=True)
    line_id = models.BigIntegerField(_("line of that payment"), null=True, blank=True)
    duplicate_id = models.BigIntegerField(_("duplicate that carries it now"))
    carried_by = models.BigIntegerField(_("payment that carries the year"))
    proposal = models.OneToOneField(
        Proposal, verbose_name=_("proposal"), on_delete=models.PROTECT, related_name="+"
    )
    swapped_at = models.DateTimeField(_("swapped at"))

    class Meta:
        verbose_name = _("swap of payments")
        verbose_name_plural = _("swaps of payments")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment_id"],
                name="swap_payment_once",
                violation_error_message=_("This payment was swapped before."),
            ),
            models.UniqueConstraint(
                fields=["duplicate_id"],
                name="swap_duplicate_once",
                violation_error_message=_("This duplicate was swapped before."),
            ),
            models.UniqueConstraint(
                fields=["carried_by"],
                name="swap_carrier_once",
                violation_error_message=_("A payment comes from one swap."),
            ),
            models.CheckConstraint(
                condition=~Q(line_id=F("duplicate_id")) & ~Q(payment_id=F("carried_by")),
                name="swap_of_two",
                violation_error_message=_("A swap is between two payments."),
            ),
            models.CheckConstraint(
                condition=Q(payment_id__isnull=True, line_id__isnull=True)
                | Q(payment_id__isnull=False, line_id__isnull=False),
                name="swap_payment_with_line",
                violation_error_message=_("A swapped payment has its line."),
            ),
        ]
        triggers = audit.append_only("payments_swap")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def reversal_numbers(self) -> tuple[int, int]:
        """The numbers of its reversing rows: of the payment (where there was one), and of the duplicate."""
        return FIRST_SWAP + 2 * self.pk, FIRST_SWAP + 2 * self.pk + 1
