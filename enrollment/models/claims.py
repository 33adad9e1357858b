"""What the settlement of claims reports of a person's year; claims themselves are kept elsewhere."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from enrollment.models.persons import Person


class ClaimYear(models.Model):
    """A year without any claim, or one whose claims drew on the incentive (国办发〔2024〕38号)."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="claim_years"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    zero_claim = models.BooleanField(_("year without a claim"), default=False)
    incentive_used = models.BooleanField(_("incentive drawn on"), default=False)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("claims of a year")
        verbose_name_plural = _("claims by year")
        ordering = ["person", "benefit_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "benefit_year"],
                name="claim_year_once",
                violation_error_message=_("The claims of this year are reported already."),
            ),
            models.CheckConstraint(
                condition=Q(zero_claim=True, incentive_used=False) | Q(zero_claim=False, incentive_used=True),
                name="claim_year_one_of_two",
                violation_error_message=_(
                    "A year was without a claim, or drew on the incentive; one of the two."
                ),
            ),
            models.CheckConstraint(
                condition=Q(benefit_year__gte=2000, benefit_year__lte=2199), name="claim_year_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.benefit_year}"


audit.track(ClaimYear)
