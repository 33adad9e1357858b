"""Looking people up by what a clerk knows of them: last four places, initials, phone, household, village; page by page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bureau.models import User
from enrollment.models import Household, HouseholdMember, Person
from enrollment.pinyin import initials
from enrollment.services import lookups
from tests import builders
from tests.bureau.desk_world import client_of
from tests.bureau.test_search import look, page_of
from tests.enrollment.covered import AT

COUNTY = "450802"


@pytest.fixture
def clerk(db: None) -> User:
    """A clerk of Guigang."""
    return builders.make_staff("clerk")


def somebody(name: str = "张三", region: str = COUNTY, **fields: object) -> Person:
    """A registered person with the initials of the name."""
    return builders.make_person(region, name=name, initials=initials(name), **fields)


def household(village: str, *people: Person, **fields: object) -> Household:
    """A household of a village, the first person its head."""
    made = Household.objects.create(
        region_id=COUNTY, town="城关镇", village=village, opened_on=date(2020, 1, 1), **fields
    )
    for number, person in enumerate(people):
        HouseholdMember.objects.create(
            household=made,
            person=person,
            relation="HEAD" if number == 0 else "OTHER",
            joined_on=date(2020, 1, 1),
        )
    return made


def test_the_last_four_places_with_the_name(clerk: User) -> None:
    """In either order, with or without a blank, in full width, by initials; alone they find all who have them."""
    person, twin = somebody("张三"), somebody("李四")
    four = person.id_number[-4:]
    Person.objects.filter(pk=twin.pk).update(id_type="99", id_number=f"9{four}")
    client = client_of(clerk)
    for text in (
        f"{four} 张三",
        f"{four}张",
        f"张三 {four}",
        f"张三{four.lower()}",
        f"{four} zs",
        f"zs {four}",
    ):
        assert look(client, text) == page_of(person)
    both = look(client, four)
    assert page_of(person) in both
    assert page_of(twin) in both


def test_who_is_enrolled_here_is_found_by_the_last_four_places(clerk: User) -> None:
    """Whatever the region of registration; a stranger is not."""
    far = somebody("诸葛亮", "510100")
    client = client_of(clerk)
    assert page_of(far) not in look(client, f"{far.id_number[-4:]} 诸葛")
    builders.enrol(far)
    assert look(client, f"{far.id_number[-4:]} 诸葛") == page_of(far)


def test_pinyin_initials_by_their_beginning(clerk: User) -> None:
    """In any case; a name in Latin letters is found by itself where no initials fit."""
    person, latin = somebody("欧阳娜娜"), somebody("Anna Li")
    client = client_of(clerk)
    for text in ("oynn", "OYN"):
        assert look(client, text) == page_of(person)
    assert look(client, "al") == page_of(latin)
    assert look(client, "Anna") == page_of(latin)


def test_a_phone_finds_the_person_and_the_household(clerk: User) -> None:
    """A number of eleven digits that is nobody's certificate."""
    person, other = somebody(phone="13800138000"), somebody("李四")
    household("大岭村", other, phone="13900139000")
    client = client_of(clerk)
    assert look(client, "13800138000") == page_of(person)
    assert look(client, "１３８００１３８０００") == page_of(person)
    assert look(client, "13900139000") == page_of(other)
    assert "/desk/person/" not in look(client, "13700137000")


def test_the_number_of_a_household_shows_who_lives_there(clerk: User) -> None:
    """As the register writes it, or with 户; who left is not shown; a merged one leads to the other."""
    head, child, gone = somebody("张三"), somebody("张小明"), somebody("张远")
    home = household("大岭村", head, child, gone)
    HouseholdMember.objects.filter(person=gone).update(left_on=date(2024, 1, 1))
    old = household("石塘村", closed_on=date(2024, 1, 1), merged_into=home)
    client = client_of(clerk)
    for text in (str(home), f"户{home.pk}", str(old)):
        shown = look(client, text)
        assert shown.index(page_of(head)) < shown.index(page_of(child))
        assert page_of(gone) not in shown
    far = builders.make_staff("clerk", "110000")
    assert page_of(head) not in look(client_of(far), str(home))


def test_a_village_shows_its_households(clerk: User) -> None:
    """By the beginning of its name; also where the text could be a name."""
    one, two, other = somebody("张三"), somebody("李四"), somebody("王五")
    household("大岭村", one)
    household("大岭头", two)
    household("石塘村", other)
    client = client_of(clerk)
    shown = look(client, "大岭")
    assert page_of(one) in shown
    assert page_of(two) in shown
    assert page_of(other) not in shown
    assert look(client, "石塘村") == page_of(other)


def test_a_merged_record_leads_to_the_one_that_lives_on(clerk: User) -> None:
    """By its number; by name only the live one is shown."""
    kept = somebody("张三")
    old = somebody("张三", merged_into=kept, id_type="990201", id_number="P450000001")
    client = client_of(clerk)
    assert look(client, old.id_number) == page_of(kept)
    assert look(client, "张三") == page_of(kept)


def test_a_long_list_goes_on_page_by_page(clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every person once, in order, the same number of questions on each page, for those without bounds too."""
    monkeypatch.setattr(lookups, "PAGE", 2)
    names = ["张一", "张三", "张三", "张五", "张四"]
    people = {
        somebody(name, region).pk
        for name, region in zip(names, [COUNTY, "450803", COUNTY, COUNTY, COUNTY], strict=True)
    }
    for who in (clerk, builders.make_staff("auditor")):
        client, after, found, asked = client_of(who), "", [], set()
        for _page in range(3):
            with CaptureQueriesContext(connection) as queries:
                response = client.post(reverse("desk:search"), {"text": "张", "after": after})
            found += [key for key in people if page_of(Person(pk=key)) in response.content.decode()]
            asked.add(len(queries))
            after = response.context["after"]
        assert (sorted(found), after) == (sorted(people), "")
        assert len(asked) == 1


@pytest.mark.parametrize("after", ["x", "~", "1~", "99999999999999999999999~张", "-1~张", "１~张"])
def test_a_cursor_that_no_page_wrote_starts_at_the_beginning_or_finds_nothing(
    clerk: User, after: str
) -> None:
    """Never an error."""
    somebody("张三")
    somebody("张四")
    response = client_of(clerk).post(reverse("desk:search"), {"text": "张", "after": after})
    assert response.status_code == 200


def test_the_searches_enter_their_indexes(clerk: User) -> None:
    """With a few thousand people and the planner told of them, each way chooses its own index (docs/search.md)."""
    Person.objects.bulk_create(
        Person(
            id_number=builders.id_number(), name=f"{'张李王陈'[number % 4]}{number}", initials=f"{'zlwc'[number % 4]}{number}",
            phone=f"138{number:08d}", region_id=f"45080{2 + number % 3}", person_class="1501", created_at=AT,
        )
        for number in range(4_000)
    )  # fmt: skip
    Household.objects.bulk_create(
        Household(region_id=COUNTY, village=f"村{number}", phone="", opened_on=date(2020, 1, 1))
        for number in range(2_000)
    )
    ways = {
        "person_look_name": lambda: lookups.by_name("张1", regions=[COUNTY]),
        "person_look_initials": lambda: lookups.by_initials("z1", regions=[COUNTY]),
        "person_look_four": lambda: lookups.by_four("1234", regions=[COUNTY], name="张"),
        "person_id_number_once": lambda: lookups.by_number("450802198005170011"),
        "person_look_phone": lambda: lookups.by_phone("13800000007"),
        "household_look_village": lambda: lookups.by_village("村12", regions=[COUNTY]),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enrollment_person, enrollment_household")
        for index, way in ways.items():
            with CaptureQueriesContext(connection) as queries:
                way()
            cursor.execute(f"EXPLAIN {queries.captured_queries[0]['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert index in plan, plan
