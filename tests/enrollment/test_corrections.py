"""Corrections of identity by two persons, transfers between regions, and two records of one human."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bureau import access, proposals
from bureau.models import Proposal, User
from enrollment.models import (
    Change,
    ClaimYear,
    Coverage,
    EmployeeSpell,
    Enrollment,
    HouseholdMember,
    Person,
    PersonCategory,
    PriorCover,
)
from enrollment.services import corrections, cover, households, identities, merging, policies, transfers
from enrollment.services.households import Joining
from tests import builders
from tests.builders import GUIGANG
from tests.enrollment import covered

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
DAY = date(2025, 3, 1)
AWAY = "510100"


@pytest.fixture
def clerk() -> User:
    return builders.make_staff("clerk")


@pytest.fixture
def supervisor() -> User:
    return builders.make_staff("supervisor")


def pay(person: Person, on: date) -> None:
    """Cover of 2025 by a payment on a day."""
    rows = [covered.paid(person.pk, on)]
    cover.start_cover(relation=covered.relation(rows), policy=policies.in_force(GUIGANG, 2025), at=AT)


def ask(person: Person, by: User, **values: Any) -> Proposal:
    return corrections.propose(
        person_id=person.pk,
        version=person.version,
        values=values,
        reason="typing slip",
        document="household book",
        by=by,
        at=AT,
    )


def approve(proposal: Proposal, by: User) -> None:
    proposals.review(proposal_id=proposal.pk, approve=True, reason="", by=by, at=AT)


def test_a_name_is_corrected_by_two(clerk: User, supervisor: User) -> None:
    person = builders.make_person(name="张三")
    case = ask(person, clerk, name="章三")
    person.refresh_from_db()
    assert person.name == "张三"
    assert case.difference["fields"] == {"name": ["张三", "章三"], "initials": ["", "zs"]}
    assert case.difference["document"] == "household book"
    with pytest.raises(access.NotAllowed):
        approve(case, clerk)
    approve(case, supervisor)
    person.refresh_from_db()
    assert (person.name, person.initials, person.version) == ("章三", "zs", 1)
    change = Change.objects.get(person=person)
    assert (change.kind, change.details["fields"], change.made_by) == (
        "CORRECTED",
        ["initials", "name"],
        supervisor,
    )


def test_a_supervisor_does_not_approve_their_own(supervisor: User) -> None:
    case = ask(builders.make_person(), supervisor, name="章三")
    with pytest.raises(proposals.SecondPersonNeeded):
        approve(case, supervisor)


def test_a_case_names_reason_document_and_difference(clerk: User) -> None:
    person = builders.make_person()
    with pytest.raises(corrections.NothingToCorrect):
        ask(person, clerk, name=" 张三 ")
    with pytest.raises(corrections.DocumentMissing):
        corrections.propose(
            person_id=person.pk, version=0, values={"name": "章三"}, reason="x", document=" ", by=clerk, at=AT
        )
    with pytest.raises(proposals.ReasonNeeded):
        corrections.propose(
            person_id=person.pk, version=0, values={"name": "章三"}, reason=" ", document="x", by=clerk, at=AT
        )
    ask(person, clerk, name="章三")
    with pytest.raises(corrections.CorrectionWaits):
        ask(person, clerk, name="彰三")


def test_two_clerks_at_once(clerk: User, supervisor: User) -> None:
    """X30: a stale form is refused, and a case overtaken by another change is not applied."""
    person = builders.make_person()
    case = ask(person, clerk, name="章三")
    corrections.change_contact(person_id=person.pk, version=0, phone="138 0000 0000", by=clerk, at=AT)
    with pytest.raises(corrections.PersonChanged) as caught:
        corrections.change_contact(person_id=person.pk, version=0, phone="139", by=clerk, at=AT)
    assert (caught.value.code, caught.value.params) == ("PERSON_STALE", {"now": 1, "yours": 0})
    with pytest.raises(corrections.PersonChanged):
        approve(case, supervisor)
    person.refresh_from_db()
    case.refresh_from_db()
    assert (person.name, person.phone, case.state) == ("张三", "13800000000", "OPEN")


def test_the_birth_certificate_gives_way_to_the_card(clerk: User, supervisor: User) -> None:
    born = date(2025, 1, 10)
    person = builders.make_person(
        id_type="990201", id_number="T450000001", birth_date=born, person_class="1401", name="张小宝"
    )
    number = builders.id_number(born)
    approve(ask(person, clerk, id_type="01", id_number=number.lower()), supervisor)
    person.refresh_from_db()
    assert (person.id_type, person.id_number, person.id_alias) == ("01", number, "T450000001")
    assert person.events.filter(id_number="T450000001").exists()
    found = identities.found_by_number("990201", "T450000001")
    assert found == person


def test_a_number_of_somebody_else_is_refused(clerk: User) -> None:
    person, other = builders.make_person(), builders.make_person(name="李四")
    with pytest.raises(identities.PersonExistsHere):
        ask(person, clerk, id_number=other.id_number)
    with pytest.raises(identities.BirthDateDiffers):
        ask(person, clerk, birth_date=date(1980, 5, 18))


def test_a_corrected_birth_decides_cover_anew(clerk: User, supervisor: User) -> None:
    """Born in January 2025 and paid in February: covered from birth, not after a wait."""
    person = builders.make_person(
        id_type="08", id_number="E12345678", birth_date=date(2023, 1, 10), person_class="1401"
    )
    pay(person, date(2025, 2, 20))
    before = Coverage.objects.get(person=person)
    approve(ask(person, clerk, birth_date=date(2025, 1, 10)), supervisor)
    row = Coverage.objects.filter(person=person).latest("id")
    assert before.rule == "IN_WINDOW"
    assert (row.start, row.rule, row.reason, row.supersedes) == (
        date(2025, 1, 10),
        "NEWBORN_FROM_BIRTH",
        "CORRECTED",
        before.pk,
    )
    assert Change.objects.get(person=person).details["cover_rows"] == 1


# ---------------------------------------------------------------------------------------------- transfers


def move(person: Person, by: User, **changes: Any) -> list[Proposal]:
    values: dict[str, Any] = {
        "id_type": person.id_type,
        "id_number": person.id_number,
        "name": person.name,
        "region_id": GUIGANG,
        "on": date(2025, 3, 31),
        "reason": "moved here",
        "by": by,
        "at": AT,
    }
    return transfers.ask(**(values | changes))


def test_the_other_region_confirms_a_transfer(clerk: User) -> None:
    person = builders.make_person(AWAY)
    there = builders.enrol(person, AWAY)
    (case,) = move(person, clerk)
    assert (case.region_id, case.subject_id) == (AWAY, str(there.pk))
    with pytest.raises(access.OutOfScope):
        approve(case, builders.make_staff("supervisor"))
    with pytest.raises(transfers.TransferWaits):
        move(person, clerk)
    approve(case, builders.make_staff("clerk", AWAY))
    there.refresh_from_db()
    here = Enrollment.objects.get(person=person, region_id=GUIGANG)
    assert (there.state, there.ended_on, there.end_reason) == ("4", date(2025, 3, 31), "TRANSFER")
    assert (here.state, here.started_on) == ("1", date(2025, 4, 1))
    kinds = Change.objects.order_by("id").values_list("kind", "region_id")
    assert list(kinds) == [("ENDED", AWAY), ("ENROLLED", GUIGANG)]


def test_a_rejected_transfer_needs_a_reason_and_changes_nothing(clerk: User) -> None:
    person = builders.make_person(AWAY)
    builders.enrol(person, AWAY)
    (case,) = move(person, clerk)
    other = builders.make_staff("clerk", AWAY)
    with pytest.raises(proposals.ReasonNeeded):
        proposals.review(proposal_id=case.pk, approve=False, reason=" ", by=other, at=AT)
    proposals.review(proposal_id=case.pk, approve=False, reason="still lives here", by=other, at=AT)
    assert Enrollment.objects.get().state == "1"
    (again,) = move(person, clerk)
    assert proposals.withdraw(proposal_id=again.pk, by=clerk, at=AT).state == "WITHDRAWN"


def test_an_enrolment_that_overlaps_stays(clerk: User) -> None:
    """P03: enrolled in both regions already; the approval only ends the other one."""
    person = builders.make_person(AWAY)
    builders.enrol(person, AWAY)
    here = builders.enrol(person)
    (case,) = move(person, clerk)
    approve(case, builders.make_staff("supervisor", AWAY))
    assert Enrollment.objects.exclude(state="4").get() == here


def test_strangers_are_not_told_of(clerk: User) -> None:
    person = builders.make_person(AWAY)
    builders.enrol(person, AWAY)
    for changes in ({"name": "王五"}, {"id_number": builders.id_number()}):
        with pytest.raises(transfers.TransferUnknown):
            move(person, clerk, **changes)
    with pytest.raises(access.OutOfScope):
        move(person, clerk, region_id="110000")
    local = builders.make_person(name="李四")
    builders.enrol(local)
    with pytest.raises(transfers.TransferHere):
        move(local, clerk)
    with pytest.raises(transfers.TransferNothing):
        move(builders.make_person(name="李四"), clerk)


# ------------------------------------------------------------------------------------------------- merges


def test_two_records_become_one(supervisor: User, clerk: User) -> None:
    keep, drop = builders.make_person(), builders.make_person(id_type="08", id_number="E7654321")
    older = builders.make_person(id_type="08", id_number="E7654320", merged_into=drop)
    there = builders.enrol(drop, AWAY)
    both = builders.enrol(drop)
    kept = builders.enrol(keep)
    PersonCategory.objects.create(person=drop, category="DIBAO", valid_from=DAY)
    EmployeeSpell.objects.create(person=drop, started_on=date(2020, 1, 1), stopped_on=date(2020, 6, 1))
    PriorCover.objects.create(person=drop, benefit_year=2022)
    ClaimYear.objects.create(person=drop, benefit_year=2022, zero_claim=True)
    ClaimYear.objects.create(person=drop, benefit_year=2023, incentive_used=True, source="settlement")
    ClaimYear.objects.create(person=keep, benefit_year=2023, zero_claim=True)
    ClaimYear.objects.create(person=keep, benefit_year=2024, zero_claim=True)
    home = households.open_household(
        region_id=GUIGANG, members=[Joining(drop.pk, "HEAD")], payer_id=drop.pk, on=DAY, by=clerk, at=AT
    )
    case = merging.propose(keep_id=keep.pk, drop_id=drop.pk, reason="same woman", by=supervisor, at=AT)
    with pytest.raises(proposals.SecondPersonNeeded):
        approve(case, supervisor)
    approve(case, builders.make_staff("supervisor"))
    for person in (keep, drop, older):
        person.refresh_from_db()
    assert (drop.merged_into, older.merged_into, keep.id_alias) == (keep, keep, "E7654321")
    for row in (there, both):
        row.refresh_from_db()
        assert (row.state, row.end_reason) == ("4", "MERGED")
    live = Enrollment.objects.filter(person=keep).exclude(state="4").order_by("id")
    assert [row.region_id for row in live] == [kept.region_id, AWAY]
    assert PersonCategory.objects.get().person == keep
    assert EmployeeSpell.objects.get().person == keep
    assert PriorCover.objects.get().person == keep
    claims = ClaimYear.objects.filter(person=keep).order_by("benefit_year")
    assert [(row.benefit_year, row.zero_claim) for row in claims] == [
        (2022, True),
        (2023, False),
        (2024, True),
    ]
    assert HouseholdMember.objects.get(left_on=None).person == keep
    home.refresh_from_db()
    assert home.payer == keep
    assert Change.objects.filter(kind="MERGED").count() == 2
    with pytest.raises(merging.MergeSame):
        merging.propose(keep_id=keep.pk, drop_id=drop.pk, reason="again", by=supervisor, at=AT)


def test_the_covered_record_stays(supervisor: User, clerk: User) -> None:
    keep, drop = builders.make_person(), builders.make_person(name="张三")
    builders.enrol(drop)
    pay(drop, date(2024, 12, 1))
    with pytest.raises(merging.MergeOtherWay) as caught:
        merging.propose(keep_id=keep.pk, drop_id=drop.pk, reason="same", by=supervisor, at=AT)
    assert caught.value.params == {"person": drop.pk, "year": 2025}
    merging.propose(keep_id=drop.pk, drop_id=keep.pk, reason="same", by=supervisor, at=AT)
    with pytest.raises(access.NotAllowed):
        merging.propose(keep_id=drop.pk, drop_id=keep.pk, reason="same", by=clerk, at=AT)
