"""Decided periods of cover."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from bureau.partitions import YearPartition
from enrollment.models.persons import RESIDENT, Person
from enrollment.models.policies import Policy


class Coverage(models.Model):
    """A decided period of cover; never changed, replaced by a later row of the same receivable.

    ``id = receivable * 100 + seq``; the row with the highest ``seq`` is in force. ``start``/``end`` are half-open; both
    empty means that no cover is in force in the year. The sentence that explains a row is rendered from its values.
    """

    partition = YearPartition(
        factor=10**12,
        append_only=True,
        leaf_ddl=('CREATE INDEX "{leaf}_person" ON "{leaf}" (person_id)',),
    )
    id = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="coverages",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    scheme = models.CharField(_("scheme"), max_length=3, default=RESIDENT)
    start = models.DateField(_("first day"), null=True, blank=True)
    end = models.DateField(_("end (exclusive)"), null=True, blank=True)
    rule = models.CharField(_("rule"), max_length=30)
    wait_fixed = models.PositiveSmallIntegerField(_("fixed waiting months"), default=0)
    wait_variable = models.PositiveSmallIntegerField(_("variable waiting months"), default=0)
    repair_years = models.PositiveSmallIntegerField(_("years repaired"), default=0)
    policy = models.ForeignKey(
        Policy, verbose_name=_("policy version"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    payment_id = models.BigIntegerField(_("payment"), null=True, blank=True)
    paid_on = models.DateField(_("payment date"), null=True, blank=True)
    supersedes = models.BigIntegerField(_("replaces"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=40, default="DECIDED")
    facts = models.JSONField(_("facts it rests on"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("cover")
        verbose_name_plural = _("cover")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__isnull=False, end__isnull=False, end__gt=F("start")),
                name="coverage_order",
                violation_error_message=_("Cover ends after it starts."),
            ),
        ]
        triggers = audit.append_only("enrollment_coverage")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def benefit_year(self) -> int:
        """The year that the key carries."""
        return self.pk // 10**12

    @property
    def receivable_id(self) -> int:
        """The receivable that the key carries."""
        return self.pk // 100
