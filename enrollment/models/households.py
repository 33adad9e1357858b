"""Households (户): who lives together, who is head, who looks after a child, and who pays for all."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bureau import audit
from bureau.models import Region
from bureau.references import kept, refers
from enrollment.models.persons import Person


class Relation(models.TextChoices):
    """Relation to the head of the household (the groups of GB/T 4761)."""

    HEAD = "HEAD", _("head")
    SPOUSE = "SPOUSE", _("spouse")
    CHILD = "CHILD", _("child")
    GRANDCHILD = "GRANDCHILD", _("grandchild")
    PARENT = "PARENT", pgettext_lazy("relation", "parent")
    GRANDPARENT = "GRANDPARENT", _("grandparent")
    SIBLING = "SIBLING", _("brother or sister")
    OTHER = "OTHER", _("other")


class Household(models.Model):
    """A household at an address, down to the village or community; a merged one names where it went."""

    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    town = models.CharField(_("town or street"), max_length=60, blank=True)
    village = models.CharField(_("village or community"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    payer = models.ForeignKey(
        Person,
        verbose_name=_("payer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    opened_on = models.DateField(_("since"))
    closed_on = models.DateField(_("until"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["region", "town", "village", "id"], name="household_place"),
            models.Index("region", Collate("village", "C"), "id", name="household_look_village"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="household_look_phone"),
            models.Index(fields=["payer"], condition=Q(payer__isnull=False), name="household_payer"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="household_merged_into"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="household_order",
                violation_error_message=_("A household ends after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(closed_on__isnull=False) & ~Q(merged_into=F("id")),
                name="household_merged_is_closed",
                violation_error_message=_("A household that was merged into another one is closed."),
            ),
        ]
        triggers = [
            *kept("enrollment_household"),
            *refers("enrollment_household", "region", "bureau_region", "code", shared=True),
            *refers("enrollment_household", "payer", "enrollment_person"),
            *refers("enrollment_household", "merged_into", "enrollment_household"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id}-{self.pk}"


class HouseholdMember(models.Model):
    """A person in a household, half-open in time; at any time a person lives in one household."""

    household = models.ForeignKey(
        Household,
        verbose_name=_("household"),
        on_delete=models.PROTECT,
        related_name="members",
        db_constraint=False,
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="memberships",
        db_constraint=False,
    )
    relation = models.CharField(_("relation to the head"), max_length=11, choices=Relation.choices)
    guardian = models.ForeignKey(
        Person,
        verbose_name=_("guardian"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="wards",
        db_index=False,
        db_constraint=False,
    )
    joined_on = models.DateField(_("from"))
    left_on = models.DateField(_("to (exclusive)"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a household")
        verbose_name_plural = _("members of households")
        ordering = ["household", "id"]
        indexes = [
            models.Index(fields=["guardian"], condition=Q(guardian__isnull=False), name="member_guardian")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(left_on__isnull=True),
                name="member_of_one_household",
                violation_error_message=_("This person lives in another household."),
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(left_on__isnull=True, relation="HEAD"),
                name="household_one_head",
                violation_error_message=_("A household has one head."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="member_order",
                violation_error_message=_("A member leaves after joining."),
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | ~Q(guardian=F("person")),
                name="member_not_own_guardian",
                violation_error_message=_("Nobody is their own guardian."),
            ),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="member_relation_known"),
        ]
        triggers = [
            *refers("enrollment_householdmember", "household", "enrollment_household", shared=True),
            *refers("enrollment_householdmember", "person", "enrollment_person"),
            *refers("enrollment_householdmember", "guardian", "enrollment_person"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.person_id}"


for _model in (Household, HouseholdMember):
    audit.track(_model, indexed=False)
