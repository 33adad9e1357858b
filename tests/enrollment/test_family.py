"""A family registered at once: all of it or nothing, errors at their row."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bureau.identity import IdCheckDigit, to_18
from bureau.models import User
from enrollment.models import Change, Enrollment, Household, HouseholdMember, Person
from enrollment.services import family, identities, register
from enrollment.services.family import Member
from tests import builders
from tests.builders import GUIGANG

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 1, 2, 0, tzinfo=UTC)
DAY = date(2025, 3, 1)


@pytest.fixture
def clerk() -> User:
    return builders.make_staff("clerk")


def head(**changes: Any) -> Member:
    values = {
        "relation": "HEAD",
        "id_type": "01",
        "id_number": builders.id_number(date(1985, 5, 17)),
        "name": "张三",
        "person_class": "1501",
    }
    return Member(**(values | changes))


def newborn(**changes: Any) -> Member:
    values = {
        "relation": "CHILD",
        "id_type": "990201",
        "id_number": "u450123456",
        "name": "张小宝",
        "person_class": "1401",
        "birth_date": date(2025, 2, 10),
        "gender": "2",
        "guardian": 0,
    }
    return Member(**(values | changes))


def save(by: User, members: list[Member], **changes: Any) -> family.Family:
    values: dict[str, Any] = {"region_id": GUIGANG, "on": DAY, "by": by, "at": AT}
    return family.register_family(members=members, **(values | changes))


def test_a_family_with_a_newborn(clerk: User) -> None:
    made = save(clerk, [head(), newborn()], payer=0, place={"village": "北社区"})
    father, baby = made.persons
    assert (baby.id_type, baby.id_number, baby.birth_date, baby.gender) == (
        "990201",
        "U450123456",
        date(2025, 2, 10),
        "2",
    )
    assert (made.household.payer_id, made.household.village) == (father.pk, "北社区")
    assert HouseholdMember.objects.get(person=baby).guardian_id == father.pk
    assert [row.state for row in made.enrollments] == ["1", "1"]
    kinds = Change.objects.filter(person=baby).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["REGISTERED", "ENROLLED", "HOUSEHOLD"]


def test_nothing_is_half_saved(clerk: User) -> None:
    wrong = newborn(id_type="01", id_number="450802202502100011", birth_date=None)
    with pytest.raises(IdCheckDigit) as caught:
        save(clerk, [head(), wrong])
    assert caught.value.params["row"] == 1
    assert not Person.objects.exists()
    assert not Household.objects.exists()


def test_the_same_number_twice(clerk: User) -> None:
    first = head()
    with pytest.raises(family.FamilyTwice) as caught:
        save(clerk, [first, head(relation="SPOUSE", id_number=first.id_number)])
    assert caught.value.params == {"other": 1, "row": 1}
    with pytest.raises(family.FamilyEmpty):
        save(clerk, [])


def test_who_is_known_is_taken_as_known(clerk: User) -> None:
    """The mother is registered and enrolled; only the newborn is new."""
    mother = builders.make_person(name="李 四")
    live = builders.enrol(mother)
    made = save(clerk, [head(id_number=mother.id_number, name="李四"), newborn()])
    assert (made.persons[0].pk, made.known, made.enrollments[0].pk) == (mother.pk, [0], live.pk)
    assert Enrollment.objects.filter(person=mother).count() == 1


def test_a_known_number_under_another_name(clerk: User) -> None:
    known = builders.make_person(name="李四")
    with pytest.raises(family.FamilyNameDiffers) as caught:
        save(clerk, [head(id_number=known.id_number, name="王五")])
    assert caught.value.params == {"name": "李四", "person": known.pk, "row": 0}


def test_a_stranger_of_another_region_is_only_told_to_exist(clerk: User) -> None:
    away = builders.make_person("510100", name="李四")
    with pytest.raises(identities.PersonExists) as caught:
        save(clerk, [head(id_number=away.id_number, name="李四")])
    assert type(caught.value) is identities.PersonExists
    assert caught.value.params == {"row": 0}


def test_a_twin_must_be_confirmed(clerk: User) -> None:
    """Same name, same birth, another number: a warning that the clerk answers."""
    builders.make_person(name="张三", birth_date=date(1985, 5, 17))
    with pytest.raises(identities.PersonTwin) as caught:
        save(clerk, [head(name=" 张三 ")])
    assert caught.value.code == "PERSON_TWIN"
    assert caught.value.params["name"] == "张三"
    assert save(clerk, [head()], confirm_twin=True).persons[0].pk


def test_where_a_number_is_known_is_said_in_scope(clerk: User) -> None:
    known = builders.make_person(name="李四")
    with pytest.raises(identities.PersonExistsHere) as caught:
        register.register_person(
            id_type="01", id_number=known.id_number, name="李四", person_class="1501", region_id=GUIGANG,
            by=clerk, at=AT,
        )  # fmt: skip
    assert caught.value.code == "PERSON_EXISTS"
    assert caught.value.params == {"name": "李四", "region": "贵港市", "person": known.pk}


def test_every_certificate_of_the_platform(clerk: User) -> None:
    """One of each type of the code table, an old number of 15 digits among them."""
    numbers = {
        "02": "0123456789", "03": "9876543", "04": "H12345678", "05": "M12345678", "06": "12345678",
        "07": "CHN110012345678", "08": "E12345678", "09": "11010519491231002X11", "10": "A1234", "11": "B1234",
        "12": "C1234", "13": "D1234", "14": "E1234", "15": "F1234", "90": "A12345678", "99": "G1234",
        "990201": "T450000001",
    }  # fmt: skip
    old = "450802800517021"
    members = [head(id_number=old, name="老张")]
    for nth, (id_type, number) in enumerate(numbers.items()):
        born = date(1949, 12, 31) if id_type == "09" else date(1990, 1, 1 + nth)
        members.append(
            head(relation="OTHER", id_type=id_type, id_number=number, name=f"客{nth}", birth_date=born)
        )
    made = save(clerk, members)
    assert (made.persons[0].id_number, made.persons[0].id_alias) == (to_18(old), old)
    assert {person.id_type for person in made.persons} == {"01", *numbers}
    with pytest.raises(family.FamilyNameDiffers):
        save(clerk, [head(id_number=old, name="另一人")])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 欧阳　娜娜", "欧阳 娜娜"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提"),
        ("Ｔｏｍ", "Tom"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_names_have_one_form(typed: str, stored: str) -> None:
    assert identities.plain_name(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("张\u202e三", "PERSON_NAME_CHARACTERS"),
        ("张\u200b三", "PERSON_NAME_CHARACTERS"),
        ("张\x07三", "PERSON_NAME_CHARACTERS"),
        (" \u3000 ", "PERSON_NAME_MISSING"),
        ("张" * 81, "PERSON_NAME_LONG"),
    ],
)
def test_names_that_are_none(typed: str, code: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        identities.plain_name(typed)
    assert getattr(caught.value, "code", "") == code


def test_guardians_are_guessed() -> None:
    """The head, else the first adult; nobody for adults."""
    rows = [newborn(), head(birth_date=date(1985, 1, 1)), newborn(birth_date=date(2015, 1, 1))]
    assert [family.guardian_of(rows, nth, DAY) for nth in range(3)] == [1, None, 1]
