"""Generated people: the same for the same arguments, of the promised kinds, only where nobody real works."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pghistory.models import Context

from bureau.access import roles
from bureau.identity import FEMALE, MALE, check_id
from bureau.models import User
from enrollment.models import (
    EmployeeSpell,
    Enrollment,
    Household,
    HouseholdMember,
    Person,
    PersonCategory,
    PriorCover,
    SpecialStatus,
)
from enrollment.services import policies
from payments.files.characters import encodable
from payments.models import BankProfile, Mandate
from payments.seeding import load
from payments.seeding.names import RARE, surname_of
from payments.seeding.people import PersonRow, _id_number, people
from payments.seeding.staff import read_logins
from tests import builders

Staff = Callable[..., User]
AT = datetime(2025, 1, 10, tzinfo=UTC)
COUNTIES = ["450802", "450803"]


def crowd(
    persons: int, *, year: int = 2025, seed: int = 7, region: str = builders.GUIGANG
) -> list[PersonRow]:
    terms = policies.in_force(region, year).values
    return list(
        people(region=region, city="贵港", counties=COUNTIES, terms=terms, persons=persons, seed=seed)
    )


def seed(folder: Path, persons: int = 300, **changes: Any) -> load.Seeded:
    values: dict[str, Any] = {
        "region_id": builders.GUIGANG,
        "year": 2025,
        "persons": persons,
        "seed": 7,
        "folder": folder,
        "at": AT,
    }
    return load.seed(**(values | changes))


# --- the people --------------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_people(db: None) -> None:
    first = crowd(400)
    assert crowd(400) == first
    assert crowd(150) == first[:150]
    assert crowd(400, seed=8) != first
    assert crowd(400, year=2018) != first


def test_id_numbers_pass_and_tell_the_truth(db: None) -> None:
    everybody = crowd(3000)
    assert len({person.id_number for person in everybody}) == 3000
    for person in everybody:
        facts = check_id("01", person.id_number, known_regions=COUNTIES)
        assert (facts.number, facts.birth, facts.sex, facts.warnings) == (
            person.id_number,
            person.birth,
            person.gender,
            (),
        )
    assert {person.gender for person in everybody} == {MALE, FEMALE}
    assert {person.county for person in everybody} == set(COUNTIES)


def test_orders_do_not_collide_on_a_crowded_day(db: None) -> None:
    used: set[str] = set()
    draw = Random(1)
    numbers = {_id_number(draw, "450802", date(2000, 1, 1), MALE, used) for _ in range(499)}
    assert len(numbers) == 499
    assert {int(number[14:17]) % 2 for number in numbers} == {1}


def test_kinds_of_people(db: None) -> None:
    everybody = crowd(10_000)
    newborns = [person for person in everybody if person.newborn]
    assert 70 <= len(newborns) <= 130
    assert {person.person_class for person in newborns} == {"1401"}
    assert all(date(2024, 10, 1) <= person.birth <= date(2025, 12, 31) for person in newborns)
    others = [person for person in everybody if not person.newborn]
    assert max(person.birth for person in others) < date(2024, 10, 1)
    assert min(person.birth for person in others) > date(1925, 1, 1)
    prefixes = Counter(person.person_class[:2] for person in everybody)
    assert set(prefixes) == {"14", "15", "16", "17"}
    assert 2_000 < prefixes["14"] < 3_500
    assert 1_800 < prefixes["16"] < 2_600

    aided = [person for person in everybody if person.categories]
    assert 400 <= len(aided) <= 600
    assert all(since < date(2024, 9, 1) for person in aided for _code, since in person.categories)
    assert all(since >= person.birth for person in aided for _code, since in person.categories)
    assert {code for person in aided for code, _since in person.categories} == {
        "TEKUN",
        "ORPHAN",
        "DIBAO",
        "MONITORED",
        "ZHONGCAN",
    }
    assert any("·" in person.name for person in everybody)
    assert any(char in RARE for person in everybody for char in person.name)
    assert sum(bool(person.spells) for person in everybody) > 30
    assert sum(bool(person.specials) for person in everybody) > 50


def test_mandates(db: None) -> None:
    everybody = crowd(10_000)
    held = [person.mandate for person in everybody if person.mandate]
    states = Counter(mandate.state for mandate in held)
    assert 7_850 <= states["VERIFIED"] <= 8_150
    assert states["SIGNED"] > 100
    assert states["CANCELLED"] > 100
    assert len({mandate.agreement_no for mandate in held}) == len(held)
    for mandate in held:
        assert mandate.account.isdigit()
        assert len(mandate.account) == 19
        assert _luhn(mandate.account)
        assert encodable(mandate.holder, max_bytes=120)
        assert mandate.cross_bank == bool(mandate.bank_name) == bool(mandate.cnaps)
    assert any(mandate.cross_bank and len(mandate.cnaps) == 12 for mandate in held)
    children = [p for p in everybody if p.mandate and p.birth > date(2010, 1, 1)]
    assert sum(p.mandate.holder == p.name for p in children if p.mandate) < len(children) / 20
    same = sum(p.mandate.holder == p.name for p in everybody if p.mandate and p.person_class == "1501")
    assert same > 4_000


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


@pytest.mark.parametrize(
    ("year", "region", "broken"),
    [(2025, builders.GUIGANG, False), (2018, builders.GUIGANG, True), (2027, "510000", True)],
)
def test_breaks_are_made_where_they_matter(db: None, year: int, region: str, broken: bool) -> None:
    covered = [
        person.covered_years for person in crowd(2000, year=year, region=region) if person.covered_years
    ]
    assert bool(covered) == broken
    assert all(max(years) < year for years in covered)
    if broken:
        assert any(year - 1 in years for years in covered)
        assert any(year - 1 not in years for years in covered)


# --- the register ------------------------------------------------------------------------------------


def test_rows_of_the_register(db: None, tmp_path: Path) -> None:
    done = seed(tmp_path)
    assert (done.added, Person.objects.count()) == (300, 300)
    assert Enrollment.objects.filter(region_id=builders.GUIGANG, scheme="390", state="1").count() == 300
    rows = {person.id_number: person for person in people_of(300)}
    assert set(Person.objects.values_list("id_number", flat=True)) == set(rows)
    for person in Person.objects.select_related("region"):
        row = rows[person.id_number]
        assert (person.name, person.birth_date, person.person_class, person.region_id) == (
            row.name,
            row.birth,
            row.person_class,
            row.county,
        )
        assert person.region.parent_id == builders.GUIGANG
        assert set(person.categories.values_list("category", "valid_from")) == set(row.categories)
        assert set(person.specials.values_list("group", "event_date")) == set(row.specials)
    assert Mandate.objects.count() == sum(row.mandate is not None for row in rows.values())
    assert done.mandates["VERIFIED"] == Mandate.objects.filter(state="VERIFIED", bank_id="103").count()
    assert PersonCategory.objects.exists()
    assert SpecialStatus.objects.exists()
    assert EmployeeSpell.objects.exists()
    assert not PriorCover.objects.exists()


def test_everybody_lives_in_one_household(db: None, tmp_path: Path) -> None:
    """A head in each, children with a guardian who is the grown-up head, of their own name where there is room, people of
    one county together.
    """
    seed(tmp_path, 600)
    members = HouseholdMember.objects.select_related("person", "household", "guardian")
    assert sorted(one.person_id for one in members) == sorted(Person.objects.values_list("pk", flat=True))
    heads = {one.household_id: one.person for one in members if one.relation == "HEAD"}
    assert len(heads) == Household.objects.count()
    children = 0
    for one in members:
        assert one.household.region_id == one.person.region_id
        assert one.household.payer_id == heads[one.household_id].pk
        assert one.joined_on == one.household.opened_on
        if one.person.person_class.startswith("14"):
            children += 1
            assert one.relation in ("CHILD", "GRANDCHILD")
            assert one.guardian == heads[one.household_id]
            assert not one.guardian.person_class.startswith("14")
        else:
            assert one.guardian is None
    assert children > 100
    young = Counter(one.household_id for one in members if one.person.person_class.startswith("14"))
    for one in members:
        named = surname_of(one.person.name)
        if one.relation in ("CHILD", "GRANDCHILD") and surname_of(heads[one.household_id].name) != named:
            near = [
                home.pk
                for home in Household.objects.filter(region_id=one.person.region_id)
                if surname_of(heads[home.pk].name) == named
            ]
            assert all(young[home] >= 3 for home in near), one.person.name
    assert Person.objects.exclude(phone="").count() == len(heads)


def people_of(persons: int) -> list[PersonRow]:
    terms = policies.in_force(builders.GUIGANG, 2025).values
    counties = load.counties_of(builders.GUIGANG)
    return list(
        people(region=builders.GUIGANG, city="贵港", counties=counties, terms=terms, persons=persons, seed=7)
    )


def test_history_says_who_and_why(db: None, tmp_path: Path) -> None:
    seed(tmp_path, 20)
    person = Person.objects.order_by("id")[0]
    event = person.events.get()
    assert event.pgh_context.metadata["why"] == "seed a rehearsal region"
    assert (
        Context.objects.filter(metadata__why="seed a rehearsal region").count() == 2
    )  # staff, and one chunk


def test_again_adds_nothing_and_more_adds_the_rest(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "CHUNK", 40)
    seed(tmp_path, 100)
    before = set(Person.objects.values_list("pk", "id_number"))
    assert seed(tmp_path, 100).added == 0
    assert set(Person.objects.values_list("pk", "id_number")) == before
    more = seed(tmp_path, 130)
    assert (more.added, Person.objects.count(), Enrollment.objects.count()) == (30, 130, 130)
    assert before < set(Person.objects.values_list("pk", "id_number"))
    assert {p.id_number for p in people_of(130)} == set(Person.objects.values_list("id_number", flat=True))


def test_who_is_registered_already_stays_as_registered(db: None, tmp_path: Path) -> None:
    row = people_of(5)[3]
    builders.make_person(id_number=row.id_number, name="别人")
    assert seed(tmp_path, 5).added == 4
    assert Person.objects.get(id_number=row.id_number).name == "别人"


@pytest.mark.parametrize(
    ("region", "year", "below"),
    [
        ("110000", 2025, "110101"),
        ("510100", 2025, "510104"),
        ("450800", 2018, "450802"),
        ("510000", 2026, None),
    ],
)
def test_any_region_and_year_with_a_policy(
    db: None, tmp_path: Path, region: str, year: int, below: str | None
) -> None:
    assert seed(tmp_path, 50, region_id=region, year=year).added == 50
    codes = load.counties_of(region)
    assert below is None or below in codes
    assert set(Person.objects.values_list("region_id", flat=True)) <= set(codes)
    assert set(Enrollment.objects.values_list("region_id", flat=True)) == {region}


def test_a_county_is_its_own_county(db: None) -> None:
    assert load.counties_of("450802") == ["450802"]
    assert "110103" not in load.counties_of("110000")  # merged away in 2010


# --- the staff ---------------------------------------------------------------------------------------


def test_demo_staff_with_passwords_of_their_own(db: None, tmp_path: Path) -> None:
    done = seed(tmp_path, 1)
    path = tmp_path / "demo_logins.json"
    assert done.logins == path
    assert path.stat().st_mode & 0o777 == 0o600
    logins = {login["username"]: login for login in read_logins(path)}
    assert {name: (login["role"], login["region"]) for name, login in logins.items()} == {
        "clerk-450800": ("clerk", "450800"),
        "supervisor-450800": ("supervisor", "450800"),
        "supervisor2-450800": ("supervisor", "450800"),
        "tax-450800": ("tax_officer", "450800"),
        "tax2-450800": ("tax_officer", "450800"),
        "auditor-450800": ("auditor", "450800"),
        "sysadmin": ("sysadmin", ""),
    }
    assert len({login["password"] for login in logins.values()}) == 7
    for user in User.objects.all():
        login = logins[user.username]
        assert len(login["password"]) >= 16
        assert user.check_password(login["password"])
        assert (user.is_demo, user.is_staff, user.is_superuser, user.is_active) == (True, True, False, True)
        assert {role.value for role in roles(user)} == {login["role"]}
        assert [r.pk for r in user.regions.all()] == ([login["region"]] if login["region"] else [])


def test_existing_staff_keep_their_password(db: None, tmp_path: Path) -> None:
    seed(tmp_path, 1)
    before = {user.username: user.password for user in User.objects.all()}
    first = (tmp_path / "demo_logins.json").read_text()
    seed(tmp_path, 1)
    assert {user.username: user.password for user in User.objects.all()} == before
    assert (tmp_path / "demo_logins.json").read_text() == first
    seed(tmp_path, 1, region_id="510100")
    names = [login["username"] for login in read_logins(tmp_path / "demo_logins.json")]
    assert len(names) == len(set(names)) == 13
    assert {user.username: user.password for user in User.objects.filter(username__in=before)} == before


def test_a_new_database_replaces_the_logins_of_the_old_one(db: None, tmp_path: Path) -> None:
    seed(tmp_path, 1)
    User.objects.filter(username="clerk-450800").delete()
    seed(tmp_path, 1)
    login = [row for row in read_logins(tmp_path / "demo_logins.json") if row["username"] == "clerk-450800"]
    assert len(login) == 1
    assert User.objects.get(username="clerk-450800").check_password(login[0]["password"])


# --- refusals ----------------------------------------------------------------------------------------


def test_not_among_real_people(db: None, tmp_path: Path, staff: Staff, settings: Any) -> None:
    settings.DEMO, settings.TESTING = False, False
    staff("clerk")
    with pytest.raises(load.NotARehearsal):
        seed(tmp_path, 1)
    assert not Person.objects.exists()
    User.objects.update(is_demo=True)
    assert seed(tmp_path, 1).added == 1


def test_other_refusals(db: None, tmp_path: Path) -> None:
    with pytest.raises(load.RegionUnknown):
        seed(tmp_path, 1, region_id="999999")
    with pytest.raises(policies.NoPolicy):
        seed(tmp_path, 1, year=2040)
    for wrong in (-1, 10_000):
        with pytest.raises(load.SeedOutOfRange):
            seed(tmp_path, 1, seed=wrong)
    BankProfile.objects.all().delete()
    with pytest.raises(load.BankMissing):
        seed(tmp_path, 1)
    assert not User.objects.exists()


def test_command(db: None, tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    out = StringIO()
    where = ("--region", builders.GUIGANG, "--year", "2025", "--persons", "40", "--seed", "7")
    call_command("seed_region", *where, "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["added"], report["persons"], report["year"]) == (40, 40, 2025)
    assert report["staff"][0] == "clerk-450800"
    assert report["logins"] == str(tmp_path / "demo_logins.json")
    assert sum(report["mandates"].values()) == 40
    out = StringIO()
    call_command("seed_region", *where, stdout=out)
    assert "added" in out.getvalue()
    with pytest.raises(CommandError, match="POLICY_MISSING") as caught:
        call_command("seed_region", "--region", builders.GUIGANG, "--year", "2040")
    assert caught.value.returncode == 2
