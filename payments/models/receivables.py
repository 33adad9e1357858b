"""What is due: receivables, later amounts, and who is collecting them right now."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region
from bureau.partitions import YearPartition
from enrollment.models import RESIDENT, Category, Enrollment, Person, Policy
from payments.models.querysets import ReceivableQuerySet

NUMBERS_A_YEAR = 10**10
LARGEST_NUMBER = 999_999_999


class Receivable(models.Model):
    """The contribution assessed for a person, pooling region and benefit year; the row never changes.

    ``id = benefit_year * 10**10 + number``. A later amount is an :class:`Assessment` row. Amount 0 means that aid carries
    everything (exempt).
    """

    partition = YearPartition(
        factor=NUMBERS_A_YEAR,
        append_only=True,
        leaf_ddl=(
            'CREATE SEQUENCE IF NOT EXISTS "{leaf}_number"',
            'ALTER TABLE "{leaf}" ADD CONSTRAINT "{leaf}_once" UNIQUE (person_id, region_id, scheme)',
            'ALTER TABLE "{leaf}" ADD CONSTRAINT "{leaf}_year" CHECK (benefit_year = {year})',
            'CREATE INDEX "{leaf}_page" ON "{leaf}" (region_id, id)',
        ),
    )
    id = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="receivables",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    enrollment = models.ForeignKey(
        Enrollment, verbose_name=_("enrolment"), on_delete=models.PROTECT, related_name="receivables",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    policy = models.ForeignKey(
        Policy, verbose_name=_("policy version"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    scheme = models.CharField(_("scheme"), max_length=3, default=RESIDENT)
    price_class = models.CharField(_("price class"), max_length=5)
    standard = models.DecimalField(_("personal standard"), max_digits=12, decimal_places=2)
    aid_category = models.CharField(_("aid category"), max_length=20, choices=Category.choices, blank=True)
    aid = models.DecimalField(_("aid"), max_digits=12, decimal_places=2, default=0)
    amount = models.DecimalField(_("amount due"), max_digits=12, decimal_places=2)
    is_late = models.BooleanField(_("late price"), default=False)
    assessed_on = models.DateField(_("assessed on"))
    assessed_at = models.DateTimeField(_("assessed at"))

    objects = ReceivableQuerySet.as_manager()

    class Meta:
        verbose_name = _("receivable")
        verbose_name_plural = _("receivables")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte="9999999999.99", standard__gte=0, aid__gte=0),
                name="receivable_amount_range",
                violation_error_message=_("An amount is between 0.00 and 9,999,999,999.99 yuan."),
            ),
            models.CheckConstraint(
                condition=Q(amount=models.F("standard") - models.F("aid")),
                name="receivable_amount_adds_up",
                violation_error_message=_("The amount due is the standard less the aid."),
            ),
            models.CheckConstraint(
                condition=Q(id__gt=models.F("benefit_year") * NUMBERS_A_YEAR)
                & Q(id__lte=models.F("benefit_year") * NUMBERS_A_YEAR + LARGEST_NUMBER),
                name="receivable_key_carries_year",
            ),
        ]
        triggers = audit.append_only("payments_receivable")

    def __str__(self) -> str:
        return f"{self.region_id}-{self.benefit_year}-{self.number:09d}"

    @property
    def number(self) -> int:
        """The due number (应缴编号) within the year."""
        return self.pk % NUMBERS_A_YEAR


class Assessment(models.Model):
    """A later amount of a receivable (aid recognised, late price, correction); the last one counts.

    ``id = receivable * 100 + seq``.
    """

    id = models.BigIntegerField(primary_key=True)
    receivable = models.ForeignKey(
        Receivable, verbose_name=_("receivable"), on_delete=models.PROTECT, related_name="assessments",
        db_constraint=False,
    )  # fmt: skip
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    standard = models.DecimalField(_("personal standard"), max_digits=12, decimal_places=2)
    aid_category = models.CharField(_("aid category"), max_length=20, blank=True)
    aid = models.DecimalField(_("aid"), max_digits=12, decimal_places=2, default=0)
    amount = models.DecimalField(_("amount due"), max_digits=12, decimal_places=2)
    is_late = models.BooleanField(_("late price"), default=False)
    reason = models.CharField(_("reason"), max_length=200)
    assessed_on = models.DateField(_("assessed on"))
    assessed_at = models.DateTimeField(_("assessed at"))

    class Meta:
        verbose_name = _("later amount")
        verbose_name_plural = _("later amounts")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(id__gt=models.F("receivable") * 100, id__lt=models.F("receivable") * 100 + 100),
                name="assessment_key_carries_receivable",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount__gte=0, amount__lte="9999999999.99", amount=models.F("standard") - models.F("aid")
                ),
                name="assessment_amount_adds_up",
            ),
        ]
        triggers = audit.append_only("payments_assessment")

    def __str__(self) -> str:
        return str(self.pk)


class SiblingReceivable(models.Model):
    """A receivable of a person-year that has receivables in several regions (rare): posted under the person's lock."""

    receivable = models.OneToOneField(
        Receivable, primary_key=True, on_delete=models.PROTECT, related_name="sibling", db_constraint=False
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))

    class Meta:
        verbose_name = _("receivable in several regions")
        verbose_name_plural = _("receivables in several regions")
        indexes = [models.Index(fields=["person", "benefit_year"], name="sibling_person_year")]
        triggers = audit.append_only("payments_siblingreceivable")

    def __str__(self) -> str:
        return str(self.pk)


class Hold(models.Model):
    """Who is collecting a receivable now: the primary key is the lock across all channels.

    A row leaves when the collecting ends without money (declined, cancelled, released, reversed); one whose receivable was
    paid by its own holder stays, spent.
    """

    partition = YearPartition(factor=NUMBERS_A_YEAR)
    receivable = models.OneToOneField(
        Receivable,
        primary_key=True,
        db_column="id",
        on_delete=models.PROTECT,
        related_name="hold",
        db_constraint=False,
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    instruction_id = models.BigIntegerField(_("instruction"), null=True, blank=True)
    order_id = models.BigIntegerField(_("order"), null=True, blank=True)
    held_at = models.DateTimeField(_("held at"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(instruction_id__isnull=False, order_id__isnull=True)
                | Q(instruction_id__isnull=True, order_id__isnull=False),
                name="hold_has_holder",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


pghistory.track(
    pghistory.DeleteEvent(),
    model_name="HoldEvent",
    obj_field=None,
    meta={"triggers": [audit.no_truncate("payments_holdevent")]},
)(Hold)
