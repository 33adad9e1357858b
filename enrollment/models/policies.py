"""Versions of the terms of a region and benefit year."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.policy import Terms
from enrollment.states import POLICY_MOVES, PolicyState

YEARS = Q(benefit_year__gte=2000, benefit_year__lte=2199)


class Policy(models.Model):
    """One version of a region's terms for one benefit year; published versions are never edited.

    ``terms`` are always whole. Where they were inherited, ``base`` is the version of the region above from which
    they were taken and ``overrides`` what the region says otherwise, term by term.
    """

    key = models.CharField(_("key"), max_length=20)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="policies"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    version = models.PositiveSmallIntegerField(_("version"))
    terms = models.JSONField(_("terms"))
    base = models.ForeignKey(
        "self",
        verbose_name=_("inherits from"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="dependants",
    )
    overrides = models.JSONField(_("says otherwise"), null=True, blank=True)
    mark = models.CharField(_("source mark"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(s.value, s.value) for s in PolicyState],
        default=PolicyState.DRAFT.value,
    )
    in_force = DateTimeRangeField(_("in force"), null=True, blank=True)
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        User,
        verbose_name=_("published by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["region", "benefit_year", "version"]
        constraints = [
            models.UniqueConstraint(fields=["region", "benefit_year", "version"], name="policy_version_once"),
            ExclusionConstraint(
                name="policy_one_in_force",
                expressions=[
                    ("region", RangeOperators.EQUAL),
                    ("benefit_year", RangeOperators.EQUAL),
                    ("in_force", RangeOperators.OVERLAPS),
                ],
                condition=Q(in_force__isnull=False),
                violation_error_message=_("Two versions cannot be in force at the same time."),
            ),
            models.CheckConstraint(condition=YEARS, name="policy_year"),
            models.CheckConstraint(
                condition=Q(state__in=["PUBLISHED", "REPLACED"], in_force__isnull=False)
                | Q(state__in=["DRAFT", "DROPPED"], in_force__isnull=True),
                name="policy_force_evidence",
                violation_error_message=_("A published version, and only that, has a time in force."),
            ),
            models.CheckConstraint(
                condition=Q(made_by__isnull=True)
                | Q(published_by__isnull=True)
                | ~Q(made_by=F("published_by")),
                name="policy_second_person",
                violation_error_message=_("Nobody publishes a version they drafted."),
            ),
            models.CheckConstraint(
                condition=Q(base__isnull=True, overrides__isnull=True)
                | Q(base__isnull=False, overrides__isnull=False) & ~Q(base=F("id")),
                name="policy_inheritance",
                violation_error_message=_("What says otherwise rests on the version of another region."),
            ),
        ]
        triggers = [audit.moves_guard("enrollment_policy", POLICY_MOVES)]

    def __str__(self) -> str:
        return f"{self.region_id} {self.benefit_year} v{self.version}"

    @property
    def values(self) -> Terms:
        """The terms as a value object."""
        return Terms.from_dict(self.terms)


audit.track(Policy)
