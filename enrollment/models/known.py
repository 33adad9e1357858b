"""What is known of a person beside the enrolment: categories, special statuses, employee cover, earlier years."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from enrollment.models.persons import RESIDENT, Person


class Category(models.TextChoices):
    """Identity categories that bring aid (domain.md 2.3)."""

    TEKUN = "TEKUN", _("destitute")
    ORPHAN = "ORPHAN", _("orphan or de facto unsupported child")
    DIBAO = "DIBAO", _("low income")
    ZHONGCAN = "ZHONGCAN", _("severe disability")
    MONITORED = "MONITORED", _("monitored against return to poverty")


class PersonCategory(models.Model):
    """An identity category of a person, half-open in time, from a list of civil affairs or another body."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="categories"
    )
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to (exclusive)"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("identity category")
        verbose_name_plural = _("identity categories")
        ordering = ["person", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="category_order",
                violation_error_message=_("A category ends after it begins."),
            ),
            models.UniqueConstraint(fields=["person", "category", "valid_from"], name="category_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.category}"


class SpecialStatus(models.Model):
    """A status or event that may lift the waiting period (special group of domain.md 4.2 row 6)."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="specials"
    )
    group = models.CharField(_("group"), max_length=30)
    event_date = models.DateField(_("date of the event"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("special status")
        verbose_name_plural = _("special statuses")
        ordering = ["id"]
        indexes = [models.Index(fields=["person"], name="special_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.group}"


class EmployeeSpell(models.Model):
    """A spell of employee cover (310): first day, last day; the last day is empty while it runs."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="spells"
    )
    started_on = models.DateField(_("first day"))
    stopped_on = models.DateField(_("last day"), null=True, blank=True)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("spell of employee cover")
        verbose_name_plural = _("spells of employee cover")
        ordering = ["person", "started_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(stopped_on__gte=F("started_on")),
                name="spell_order",
                violation_error_message=_("A spell ends after it begins."),
            ),
            models.UniqueConstraint(fields=["person", "started_on"], name="spell_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_on}"


class PriorCover(models.Model):
    """A year in which a person is known to have been covered (imported; our own years come from Coverage)."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="prior_cover"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    scheme = models.CharField(_("scheme"), max_length=3, default=RESIDENT)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("earlier cover")
        verbose_name_plural = _("earlier cover")
        ordering = ["person", "benefit_year"]
        constraints = [
            models.UniqueConstraint(fields=["person", "benefit_year", "scheme"], name="prior_cover_once"),
            models.CheckConstraint(
                condition=Q(benefit_year__gte=1998, benefit_year__lte=2199), name="prior_cover_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.benefit_year}"


for _model in (PersonCategory, SpecialStatus, EmployeeSpell, PriorCover):
    audit.track(_model)
