"""What payments learned from the register: how far it has pulled, and who was recognised after paying."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from enrollment.models import Category, Person


class RegisterMark(models.Model):
    """How far the changes of the register were pulled: one row, moved in the transaction that acts on them."""

    name = models.CharField(max_length=20, primary_key=True)
    xid = models.BigIntegerField(default=0)
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark in the register")
        verbose_name_plural = _("marks in the register")

    def __str__(self) -> str:
        return f"{self.name} {self.xid}/{self.number}"


class AidDifference(models.Model):
    """Somebody paid and was recognised for aid afterwards: a candidate for the refund AID_DIFF (append-only)."""

    payment_id = models.BigIntegerField(_("payment"))
    receivable_id = models.BigIntegerField(_("receivable"))
    person = models.ForeignKey(
        Person, verbose_name=_("insured"), on_delete=models.PROTECT, related_name="aid_differences"
    )
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+"
    )
    category = models.CharField(_("aid category"), max_length=20, choices=Category.choices)
    amount = models.DecimalField(_("difference"), max_digits=12, decimal_places=2)
    listed_on = models.DateField(_("listed on"))
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        verbose_name = _("aid recognised after paying")
        verbose_name_plural = _("aid recognised after paying")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "id"], name="aiddifference_page")]
        constraints = [
            models.UniqueConstraint(fields=["payment_id", "category"], name="aid_difference_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte="9999999999.99"), name="aid_difference_range"
            ),
            models.CheckConstraint(
                condition=Q(receivable_id=models.F("payment_id") / 100), name="aid_difference_of_payment"
            ),
        ]
        triggers = audit.append_only("payments_aiddifference")

    def __str__(self) -> str:
        return f"{self.payment_id} {self.category}"
