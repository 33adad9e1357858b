"""Households: opened, joined, left, split, merged; one head, adult guardians, nothing overwritten."""

from datetime import UTC, date, datetime

import pytest

from bureau import access
from bureau.models import User
from enrollment.models import Change, Household, HouseholdMember, Person
from enrollment.services import households
from enrollment.services.households import Joining
from tests import builders
from tests.builders import GUIGANG

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
DAY = date(2025, 3, 1)


@pytest.fixture
def clerk() -> User:
    return builders.make_staff("clerk")


@pytest.fixture
def people() -> list[Person]:
    """Father, mother, child."""
    return [
        builders.make_person(name="张三"),
        builders.make_person(name="李四"),
        builders.make_person(name="张小", birth_date=date(2019, 6, 1)),
    ]


@pytest.fixture
def home(clerk: User, people: list[Person]) -> Household:
    father, mother, child = people
    return households.open_household(
        region_id=GUIGANG,
        members=[
            Joining(father.pk, "HEAD"),
            Joining(mother.pk, "SPOUSE"),
            Joining(child.pk, "CHILD", father.pk),
        ],
        payer_id=father.pk,
        place={"town": " 城区 街道 ", "village": "北社区"},
        on=date(2025, 1, 1),
        by=clerk,
        at=AT,
    )


def living(household: Household) -> dict[int, str]:
    """Who lives there now, with the relation."""
    rows = HouseholdMember.objects.filter(household=household, left_on=None)
    return dict(rows.order_by("id").values_list("person_id", "relation"))


def test_a_household_is_opened(home: Household, people: list[Person]) -> None:
    assert living(home) == {people[0].pk: "HEAD", people[1].pk: "SPOUSE", people[2].pk: "CHILD"}
    assert (home.town, home.village, home.payer_id) == ("城区 街道", "北社区", people[0].pk)
    assert {change.details["what"] for change in Change.objects.all()} == {"OPENED"}
    assert Change.objects.count() == 3


def test_one_head_and_one_household(clerk: User, home: Household, people: list[Person]) -> None:
    with pytest.raises(households.HeadNeeded):
        households.open_household(region_id=GUIGANG, members=[], on=DAY, by=clerk, at=AT)
    with pytest.raises(households.MemberElsewhere) as caught:
        households.open_household(
            region_id=GUIGANG, members=[Joining(people[1].pk, "HEAD")], on=DAY, by=clerk, at=AT
        )
    assert caught.value.params == {"name": "李四", "household": home.pk}
    with pytest.raises(households.OneHead):
        households.add_member(
            household_id=home.pk,
            version=0,
            member=Joining(builders.make_person().pk, "HEAD"),
            on=DAY,
            by=clerk,
            at=AT,
        )
    assert Household.objects.count() == 1


def test_a_guardian_is_a_living_adult(clerk: User, home: Household, people: list[Person]) -> None:
    baby = builders.make_person(birth_date=date(2025, 1, 2))
    dead = builders.make_person(death_date=date(2024, 1, 1))
    for guardian in (people[2].pk, dead.pk, baby.pk):
        with pytest.raises(households.GuardianWrong):
            households.add_member(
                household_id=home.pk,
                version=0,
                member=Joining(baby.pk, "CHILD", guardian),
                on=DAY,
                by=clerk,
                at=AT,
            )
    households.add_member(
        household_id=home.pk,
        version=0,
        member=Joining(baby.pk, "CHILD", people[1].pk),
        on=DAY,
        by=clerk,
        at=AT,
    )
    assert living(home)[baby.pk] == "CHILD"


def test_a_stale_page_is_refused(clerk: User, home: Household, people: list[Person]) -> None:
    """X30: the second clerk's form carries the version before."""
    households.change_place(
        household_id=home.pk,
        version=0,
        place={"phone": "13800000000"},
        payer_id=None,
        on=DAY,
        by=clerk,
        at=AT,
    )
    with pytest.raises(households.HouseholdChanged) as caught:
        households.change_place(
            household_id=home.pk, version=0, place={"phone": "139"}, payer_id=None, on=DAY, by=clerk, at=AT
        )
    assert (caught.value.code, caught.value.params) == ("HOUSEHOLD_STALE", {"now": 1, "yours": 0})
    home.refresh_from_db()
    assert home.phone == "13800000000"


def test_the_head_leaves_last(clerk: User, home: Household, people: list[Person]) -> None:
    def leave(person: Person, version: int) -> Household:
        return households.leave(
            household_id=home.pk, version=version, person_id=person.pk, on=DAY, reason="", by=clerk, at=AT
        )

    with pytest.raises(households.HeadNeeded):
        leave(people[0], 0)
    leave(people[1], 0)
    leave(people[2], 1)
    with pytest.raises(households.MemberMissing):
        leave(people[2], 2)
    assert leave(people[0], 2).closed_on == DAY
    with pytest.raises(households.HouseholdClosed):
        leave(people[0], 3)


def test_moving_the_head(clerk: User, home: Household, people: list[Person]) -> None:
    households.move_head(
        household_id=home.pk,
        version=0,
        person_id=people[1].pk,
        former_relation="SPOUSE",
        on=DAY,
        by=clerk,
        at=AT,
    )
    assert living(home) == {people[0].pk: "SPOUSE", people[1].pk: "HEAD", people[2].pk: "CHILD"}
    with pytest.raises(households.OneHead):
        households.move_head(
            household_id=home.pk,
            version=1,
            person_id=people[0].pk,
            former_relation="HEAD",
            on=DAY,
            by=clerk,
            at=AT,
        )


def test_splitting(clerk: User, home: Household, people: list[Person]) -> None:
    """The mother moves out with the child; the head stays."""
    mother, child = people[1].pk, people[2].pk
    with pytest.raises(households.HeadNeeded):
        households.split(
            household_id=home.pk, version=0, head_id=people[0].pk, relations={people[0].pk: "HEAD"},
            on=DAY, by=clerk, at=AT,
        )  # fmt: skip
    with pytest.raises(households.NobodyChosen):
        households.split(
            household_id=home.pk,
            version=0,
            head_id=mother,
            relations={child: "CHILD"},
            on=DAY,
            by=clerk,
            at=AT,
        )
    new = households.split(
        household_id=home.pk,
        version=0,
        head_id=mother,
        relations={mother: "HEAD", child: "CHILD"},
        on=DAY,
        by=clerk,
        at=AT,
    )
    assert (living(home), living(new)) == ({people[0].pk: "HEAD"}, {mother: "HEAD", child: "CHILD"})
    assert (new.village, HouseholdMember.objects.get(household=new, person_id=child).guardian_id) == (
        "北社区",
        people[0].pk,
    )


def test_merging(clerk: User, home: Household, people: list[Person]) -> None:
    granny = builders.make_person(birth_date=date(1950, 1, 1))
    hers = households.open_household(
        region_id=GUIGANG, members=[Joining(granny.pk, "HEAD")], on=date(2025, 1, 1), by=clerk, at=AT
    )
    with pytest.raises(households.SameHousehold):
        households.merge(
            household_id=hers.pk, version=0, into_id=hers.pk, relations={}, on=DAY, by=clerk, at=AT
        )
    households.merge(
        household_id=hers.pk,
        version=0,
        into_id=home.pk,
        relations={granny.pk: "PARENT"},
        on=DAY,
        by=clerk,
        at=AT,
    )
    hers.refresh_from_db()
    assert (hers.closed_on, hers.merged_into_id) == (DAY, home.pk)
    assert living(home)[granny.pk] == "PARENT"
    with pytest.raises(households.HouseholdClosed):
        households.merge(
            household_id=hers.pk, version=1, into_id=home.pk, relations={}, on=DAY, by=clerk, at=AT
        )


def test_relations_and_guardians_are_corrected(clerk: User, home: Household, people: list[Person]) -> None:
    households.change_member(
        household_id=home.pk,
        version=0,
        person_id=people[2].pk,
        relation="GRANDCHILD",
        guardian_id=people[1].pk,
        on=DAY,
        by=clerk,
        at=AT,
    )
    member = HouseholdMember.objects.get(household=home, person=people[2])
    assert (member.relation, member.guardian_id) == ("GRANDCHILD", people[1].pk)
    with pytest.raises(households.OneHead):
        households.change_member(
            household_id=home.pk, version=1, person_id=people[0].pk, relation="CHILD", guardian_id=None,
            on=DAY, by=clerk, at=AT,
        )  # fmt: skip


def test_other_regions_and_roles_are_refused(home: Household, people: list[Person]) -> None:
    for who, error in (
        (builders.make_staff("auditor"), access.NotAllowed),
        (builders.make_staff("clerk", "510100"), access.OutOfScope),
    ):
        with pytest.raises(error):
            households.leave(
                household_id=home.pk, version=0, person_id=people[2].pk, on=DAY, reason="", by=who, at=AT
            )
    with pytest.raises(households.LeavesBeforeJoining):
        households.leave(
            household_id=home.pk,
            version=0,
            person_id=people[2].pk,
            on=date(2024, 12, 31),
            reason="",
            by=builders.make_staff("clerk"),
            at=AT,
        )
