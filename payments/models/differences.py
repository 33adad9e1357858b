"""Who paid more than a later version of the terms asks: what payments learned from a recomputing of cover."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from enrollment.models import Person, Policy, PolicyRun


class PriceCheck(models.Model):
    """The payments that a finished recomputing touches were held against the new prices (append-only)."""

    run = models.OneToOneField(
        PolicyRun,
        verbose_name=_("recomputing"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="price_check",
    )
    found = models.PositiveIntegerField(_("differences found"))
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("check of prices")
        verbose_name_plural = _("checks of prices")
        triggers = audit.append_only("payments_pricecheck")

    def __str__(self) -> str:
        return str(self.pk)


class PriceDifference(models.Model):
    """A payment above the price that the terms in force now ask on its debit date: a candidate for a refund (append-only).

    ``aid_listed`` was found already as aid recognised after paying; it is not asked for twice.
    """

    payment_id = models.BigIntegerField(_("payment"))
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="price_differences"
    )
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+"
    )
    policy = models.ForeignKey(
        Policy, verbose_name=_("policy version"), on_delete=models.PROTECT, related_name="+"
    )
    run = models.ForeignKey(
        PolicyRun, verbose_name=_("recomputing"), on_delete=models.PROTECT, related_name="price_differences"
    )
    debited_on = models.DateField(_("debit date"))
    paid = models.DecimalField(_("paid"), max_digits=12, decimal_places=2)
    due = models.DecimalField(_("owed by the new terms"), max_digits=12, decimal_places=2)
    aid_listed = models.DecimalField(_("listed as aid already"), max_digits=12, decimal_places=2, default=0)
    difference = models.DecimalField(_("difference"), max_digits=12, decimal_places=2)
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        verbose_name = _("price difference")
        verbose_name_plural = _("price differences")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "id"], name="pricedifference_page")]
        constraints = [
            models.UniqueConstraint(fields=["payment_id", "policy"], name="price_difference_once"),
            models.CheckConstraint(
                condition=Q(due__gte=0, difference__gt=0, difference__lte="9999999999.99"),
                name="price_difference_range",
            ),
            models.CheckConstraint(
                condition=Q(difference=F("paid") - F("due") - F("aid_listed")),
                name="price_difference_adds_up",
            ),
        ]
        triggers = audit.append_only("payments_pricedifference")

    def __str__(self) -> str:
        return f"{self.payment_id} {self.difference}"

    @property
    def benefit_year(self) -> int:
        """The year that the payment's key carries."""
        return self.payment_id // 10**12
