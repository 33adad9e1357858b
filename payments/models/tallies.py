"""How many are registered, enrolled, paid: counted from time to time, read by the page of statistics."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau.models import Region


class Topic(models.TextChoices):
    """What a tally is divided by."""

    CLASS = "CLASS", _("person class")
    CATEGORY = "CATEGORY", _("identity category")


class RegisterTally(models.Model):
    """Persons and yuan of a region and benefit year with one person class or identity category, as last counted.

    Replaced as a whole when the year is counted anew. A person counts where registered when that lies below the
    pooling region of the enrolment, else in the pooling region; by class everybody counts once, by category everybody
    who holds one, once in each.
    """

    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=8, choices=Topic.choices)
    code = models.CharField(max_length=20)
    registered = models.PositiveIntegerField(_("registered"), default=0)
    enrolled = models.PositiveIntegerField(_("enrolled"), default=0)
    paid = models.PositiveIntegerField(_("paid"), default=0)
    exempt = models.PositiveIntegerField(_("exempt"), default=0)
    unpaid = models.PositiveIntegerField(_("unpaid"), default=0)
    due_amount = models.DecimalField(_("amount due"), max_digits=16, decimal_places=2, default=0)
    paid_amount = models.DecimalField(_("amount paid"), max_digits=16, decimal_places=2, default=0)
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("tally of the register")
        verbose_name_plural = _("tallies of the register")
        ordering = ["benefit_year", "region", "topic", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["benefit_year", "region", "topic", "code"], name="register_tally_once"
            ),
            models.CheckConstraint(
                condition=Q(due_amount__gte=0, paid_amount__gte=0), name="register_tally_sign"
            ),
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="register_tally_topic_known"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.benefit_year} {self.code}"

    @property
    def open(self) -> int:
        """Enrolled without anything assessed."""
        return max(0, self.enrolled - self.paid - self.exempt - self.unpaid)
