"""What if this person pays on a day: what the register knows, put to the pure answer (enrollment/whatif.py)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Value, When

from bureau.models import Region
from enrollment.models import RESIDENT, Enrollment, Person, Policy
from enrollment.services import cover, policies
from enrollment.services.facts import known_of
from enrollment.states import EnrollmentState
from enrollment.whatif import Warn, WhatIf, what_if


@dataclass(frozen=True)
class Asked:
    """The answer, and about whom and by which policy it was given."""

    person: Person
    region: Region
    policy: Policy
    enrollment: Enrollment | None
    answer: WhatIf


def ask(
    *, person_id: int, year: int, pay_date: date, repair_years: int = 0, region_id: str | None = None
) -> Asked:
    """The answer for a person, benefit year and payment date; changes nothing.

    By the terms of ``region_id``, else of the pooling region of the person's live resident enrolment (of several the
    latest), else of the region where the person is registered. Raises NoPolicy, RepairTooMuch, PersonClassUnknown.
    """
    person = Person.objects.select_related("region").get(pk=person_id)
    enrollment = _enrollment(person_id, region_id)
    wanted = region_id or (enrollment.region_id if enrollment else person.region_id)
    policy = policies.in_force(wanted, year)
    known = known_of(person_ids=[person_id], benefit_year=year)[person_id]
    also = []
    if enrollment is None:
        also.append(Warn.NOT_ENROLLED)
    if person.death_date is not None:
        also.append(Warn.DECEASED)
    if any(row.start is not None for row in cover.in_force_for([person_id], year)):
        also.append(Warn.COVERED_ALREADY)
    answer = what_if(
        terms=policy.values,
        known=known,
        person_class=person.person_class,
        pay_date=pay_date,
        repair_years=repair_years,
        also=also,
    )
    region = enrollment.region if enrollment else Region.objects.get(pk=wanted)
    return Asked(person, region, policy, enrollment, answer)


def _enrollment(person_id: int, region_id: str | None) -> Enrollment | None:
    """The live resident enrolment, an active one before a suspended one, the latest first."""
    live = (EnrollmentState.ENROLLED.value, EnrollmentState.SUSPENDED.value)
    rows = Enrollment.objects.select_related("region").filter(
        person_id=person_id, scheme=RESIDENT, state__in=live
    )
    if region_id is not None:
        rows = rows.filter(region_id=region_id)
    active = Case(
        When(state=EnrollmentState.ENROLLED.value, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return rows.order_by(active, "-started_on", "-id").first()


def usual_year(*, person_id: int, on: date) -> int:
    """The benefit year that somebody who pays on ``on`` most likely means: next year while its window is open, else
    the day's own.
    """
    person = Person.objects.get(pk=person_id)
    enrollment = _enrollment(person_id, None)
    try:
        terms = policies.in_force(
            enrollment.region_id if enrollment else person.region_id, on.year + 1
        ).values
    except policies.NoPolicy:
        return on.year
    return on.year + 1 if terms.in_window(on) else on.year
