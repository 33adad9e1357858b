"""Everything about a person that the user may see, read once for the whole page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from bureau import access
from bureau.models import Proposal, User
from bureau.pages import RIGHT, Column
from enrollment.models import (
    Change,
    Coverage,
    EmployeeSpell,
    Enrollment,
    HouseholdMember,
    Person,
    PersonCategory,
    PriorCover,
    SpecialStatus,
)
from payments.models import Instruction, Mandate, Receivable, WorkItem

MOST_CHANGES = 50


class Known:
    """Everything about a person that the user may see, read once, kind by kind."""

    def __init__(self, user: User, person: Person) -> None:
        self.user, self.person = user, person
        self.language = get_language() or "zh-hans"
        codes = access.regions_of(user)
        self.here = lambda region_id: codes is None or region_id in codes
        self.enrolled = list(
            Enrollment.objects.filter(person=person).select_related("region").order_by("-id")
        )
        due = Receivable.objects.filter(person=person).with_state()
        self.due: list[Any] = list(self.mine(due).order_by("-id"))
        self.asked = list(
            self.mine(Instruction.objects.filter(person=person).with_state(), "batch").order_by("-id")
        )
        self.covers = list(self.mine(Coverage.objects.filter(person=person), "policy").order_by("-id"))
        self.held_mandates = list(
            Mandate.objects.filter(person=person).select_related("bank").order_by("-id")
        )
        self.items = list(self.mine(WorkItem.objects.filter(person=person), "taken_by").order_by("-id"))
        self.groups = list(PersonCategory.objects.filter(person=person).order_by("-valid_from"))
        self.specials = list(SpecialStatus.objects.filter(person=person).order_by("-id"))
        self.spells = list(
            EmployeeSpell.objects.filter(person=person).select_related("region").order_by("-started_on")
        )
        self.prior = list(PriorCover.objects.filter(person=person).order_by("-benefit_year"))
        self.changes = list(
            self.mine(Change.objects.filter(person=person), "made_by").order_by("-id")[:MOST_CHANGES]
        )
        about = Q(subject_type="enrollment.person", subject_id=str(person.pk)) | Q(
            subject_type="enrollment.enrollment", subject_id__in=[str(row.pk) for row in self.enrolled]
        )
        cases = Proposal.objects.filter(about).select_related("made_by", "region")
        self.cases = [
            row for row in cases.order_by("-id") if self.here(row.region_id) or row.made_by_id == user.pk
        ]
        homes = HouseholdMember.objects.filter(person=person, left_on=None).select_related("household")
        self.household = homes.order_by("id").first()
        self.former = list(Person.objects.filter(merged_into=person).order_by("id"))

    def mine(self, rows: QuerySet[Any], *related: str) -> QuerySet[Any]:
        """The rows of the user's regions."""
        return access.for_user(rows, self.user).select_related("region", *related)

    @property
    def current(self) -> list[Coverage]:
        """The row in force of each receivable: the one with the highest number."""
        last: dict[int, Coverage] = {}
        for row in sorted(self.covers, key=lambda one: one.pk):
            last[row.receivable_id] = row
        return sorted(last.values(), key=lambda one: one.pk, reverse=True)


def right(*labels: str) -> Iterable[Column]:
    """Columns of amounts and counts."""
    return [Column(label, RIGHT) for label in labels]
