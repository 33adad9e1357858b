"""What came of a form of the counter, so that a second click shows the first result."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import User


class FormReceipt(models.Model):
    """The page to which a sent form led; written in the transaction of what it did (append-only)."""

    token = models.UUIDField(primary_key=True)
    answer = models.CharField(_("page"), max_length=200)
    made_by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("receipt of a form")
        verbose_name_plural = _("receipts of forms")
        triggers = audit.append_only("enrollment_formreceipt")

    def __str__(self) -> str:
        return str(self.token)
