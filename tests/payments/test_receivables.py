"""Receivables: who owes what, once; the prices of the statements are those of the pure rules."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pghistory.models import Context

from bureau.access import NotAllowed, OutOfScope
from bureau.models import User
from enrollment.choices import LatePriceExempt
from enrollment.known import Known, Spell
from enrollment.models import (
    Coverage,
    EmployeeSpell,
    Enrollment,
    Person,
    PersonCategory,
    Policy,
)
from enrollment.policy import Aid, Terms, best_aid, price_class, price_on
from enrollment.services.policies import NoPolicy
from enrollment.waiting import newborn_last_day, switch_last_day
from payments.models import Assessment, Receivable, SiblingReceivable
from payments.services import receivables
from payments.services.receivables import Assessed, assess, reassess, usual_day
from tests import builders
from tests.payments import bookbuilders
from tests.payments.racing import race

Staff = Callable[..., User]
WINDOW_OPENS = date(2024, 9, 1)


def run(by: User, region: str = builders.GUIGANG, on: date = WINDOW_OPENS, year: int = 2025) -> Assessed:
    return assess(region_id=region, year=year, on=on, by=by, at=datetime(2025, 1, 10, tzinfo=UTC))


def aided(category: str, since: date = date(2024, 1, 1), until: date | None = None) -> Person:
    person = builders.make_person()
    builders.enrol(person)
    PersonCategory.objects.create(person=person, category=category, valid_from=since, valid_to=until)
    return person


# --- who -------------------------------------------------------------------------------------------


def test_live_residents_of_the_region_get_one_each(db: None, staff: Staff) -> None:
    first, second = (builders.enrol(builders.make_person()) for _ in range(2))
    dead = builders.make_person(death_date=date(2024, 5, 1))
    builders.enrol(dead)
    ended = builders.make_person()
    builders.enrol(ended, state="4", ended_on=date(2024, 10, 1))
    builders.enrol(builders.make_person(), state="2")
    builders.enrol(builders.make_person(), scheme="310")
    builders.enrol(builders.make_person(), region="510000")
    builders.enrol(builders.make_person(), started_on=date(2026, 1, 1))
    builders.make_person()

    done = run(staff("clerk"))

    assert (done.assessed, done.already, done.amount) == (2, 0, Decimal("800.00"))
    assert done.by_class == {"ALL": {"lines": 2, "amount": "800.00"}}
    made = list(Receivable.objects.order_by("id"))
    assert [r.enrollment_id for r in made] == [first.pk, second.pk]
    assert made[1].number == made[0].number + 1
    assert made[0].pk // 10**10 == 2025
    assert {(r.region_id, r.benefit_year, r.standard, r.amount, r.is_late) for r in made} == {
        (builders.GUIGANG, 2025, Decimal("400.00"), Decimal("400.00"), False)
    }
    assert {r.assessed_on for r in made} == {WINDOW_OPENS}
    assert {r.policy.region_id for r in made} == {builders.GUIGANG}


def test_again_adds_only_the_new(db: None, staff: Staff) -> None:
    clerk = staff("clerk")
    builders.enrol(builders.make_person())
    run(clerk)
    before = list(Receivable.objects.values())
    again = run(clerk)
    assert (again.assessed, again.already, again.amount, again.by_class) == (0, 1, Decimal("0.00"), {})
    assert list(Receivable.objects.values()) == before

    builders.enrol(builders.make_person())
    assert run(clerk).assessed == 1
    assert Receivable.objects.count() == 2


def test_who_and_why_are_left_once(db: None, staff: Staff) -> None:
    clerk = staff("clerk")
    for _ in range(3):
        builders.enrol(builders.make_person())
    run(clerk)
    (left,) = Context.objects.filter(metadata__why="assess receivables")
    assert left.metadata["user"] == clerk.pk
    assert (left.metadata["region"], left.metadata["year"]) == (builders.GUIGANG, 2025)
    run(clerk)
    assert Context.objects.filter(metadata__why="assess receivables").count() == 1


def test_a_year_without_partitions_gets_them(db: None, staff: Staff) -> None:
    terms = Terms.from_dict(bookbuilders.policy_of().terms | {
        "benefit_year": 2035, "window_open": "2034-09-01", "window_close": "2035-02-28",
    })  # fmt: skip
    publish(terms, builders.GUIGANG)
    builders.enrol(builders.make_person())
    assert run(staff("clerk"), on=date(2034, 9, 1), year=2035).assessed == 1
    assert Receivable.objects.get().pk == 2035 * 10**10 + 1


def test_refusals(db: None, staff: Staff) -> None:
    with pytest.raises(NotAllowed):
        run(staff("auditor"))
    with pytest.raises(OutOfScope):
        run(staff("clerk", "510000"))
    with pytest.raises(NoPolicy):
        run(staff("clerk"), year=2040)


def test_usual_day(db: None) -> None:
    def usual(today: date) -> date:
        return usual_day(region_id=builders.GUIGANG, year=2025, today=today)

    assert usual(date(2024, 12, 1)) == date(2024, 12, 1)
    assert usual(date(2025, 12, 31)) == date(2025, 12, 31)
    assert usual(date(2024, 8, 31)) == WINDOW_OPENS
    assert usual(date(2026, 1, 1)) == WINDOW_OPENS


# --- several regions -------------------------------------------------------------------------------


def test_siblings_are_linked_whichever_region_comes_first(db: None, staff: Staff) -> None:
    both, alone = builders.make_person(), builders.make_person()
    builders.enrol(both)
    builders.enrol(both, region="510000")
    builders.enrol(alone)
    assert run(staff("clerk")).siblings == 0
    assert not SiblingReceivable.objects.exists()
    sichuan = staff("clerk", "510000")
    assert run(sichuan, region="510000").siblings == 2
    assert set(SiblingReceivable.objects.values_list("receivable_id", flat=True)) == set(
        Receivable.objects.filter(person=both).values_list("pk", flat=True)
    )
    builders.enrol(both, region="110000")
    assert run(staff("clerk", "110000"), region="110000", on=date(2025, 1, 6)).siblings == 1
    assert SiblingReceivable.objects.filter(person=both, benefit_year=2025).count() == 3
    assert run(sichuan, region="510000").siblings == 0


def test_two_assessments_at_once_are_one(committed: None, staff: Staff) -> None:
    clerk = staff("clerk")
    for _ in range(20):
        builders.enrol(builders.make_person())
    results = race(lambda: run(clerk), lambda: run(clerk))
    assert sorted(done.assessed for done in results) == [0, 20]
    assert Receivable.objects.count() == 20


def test_two_regions_at_once_see_each_others_siblings(committed: None, staff: Staff) -> None:
    here, there = staff("clerk"), staff("clerk", "510000")
    for _ in range(5):
        person = builders.make_person()
        builders.enrol(person)
        builders.enrol(person, region="510000")
    results = race(lambda: run(here), lambda: run(there, region="510000"))
    assert sorted(done.siblings for done in results) == [0, 10]
    assert SiblingReceivable.objects.count() == 10


# --- aid -------------------------------------------------------------------------------------------


def test_the_most_generous_status_counts(db: None, staff: Staff) -> None:
    person = aided("ZHONGCAN")
    PersonCategory.objects.create(person=person, category="DIBAO", valid_from=date(2024, 8, 1))
    done = run(staff("clerk"))
    due = Receivable.objects.get()
    assert (due.aid_category, due.aid, due.amount) == ("DIBAO", Decimal("240.00"), Decimal("160.00"))
    assert (done.aided, done.exempt) == (1, 0)


def test_a_category_counts_on_its_days_only(db: None, staff: Staff) -> None:
    over = aided("DIBAO", until=WINDOW_OPENS)
    until_tomorrow = aided("DIBAO", until=WINDOW_OPENS + timedelta(days=1))
    from_today = aided("DIBAO", since=WINDOW_OPENS)
    later = aided("DIBAO", since=WINDOW_OPENS + timedelta(days=1))
    run(staff("clerk"))
    amounts = {r.person_id: r.amount for r in Receivable.objects.all()}
    assert amounts == {
        over.pk: Decimal("400.00"),
        until_tomorrow.pk: Decimal("160.00"),
        from_today.pk: Decimal("160.00"),
        later.pk: Decimal("400.00"),
    }


def test_who_owes_nothing_is_covered_at_once(db: None, staff: Staff) -> None:
    before, inside = aided("TEKUN"), aided("ORPHAN", since=date(2024, 11, 5))
    aided("DIBAO")
    done = run(staff("clerk"), on=date(2024, 12, 1))
    assert done.exempt == 2
    cover = {c.person_id: c for c in Coverage.objects.all()}
    assert set(cover) == {before.pk, inside.pk}
    assert cover[before.pk].paid_on == WINDOW_OPENS
    assert cover[inside.pk].paid_on == date(2024, 11, 5)
    assert {(c.payment_id, c.start, c.end) for c in cover.values()} == {
        (None, date(2025, 1, 1), date(2026, 1, 1))
    }
    due = Receivable.objects.get(person=before)
    assert (due.aid_category, due.aid, due.amount) == ("TEKUN", Decimal("400.00"), Decimal("0.00"))
    assert cover[before.pk].pk // 100 == due.pk
    run(staff("clerk"), on=date(2024, 12, 1))
    assert Coverage.objects.count() == 2


# --- prices ----------------------------------------------------------------------------------------


def publish(terms: Terms, region: str) -> Policy:
    """Put terms in force for a region that has none of its own for the year."""
    return Policy.objects.create(
        key="TEST",
        region_id=region,
        benefit_year=terms.benefit_year,
        version=1,
        terms=terms.to_dict(),
        state="PUBLISHED",
        in_force=DateTimeTZRange(datetime(2024, 1, 1, tzinfo=UTC), None),
    )


def test_three_price_classes(db: None, staff: Staff) -> None:
    wanted = {"1403": "405.00", "1501": "750.00", "1601": "430.00"}
    for person_class in wanted:
        builders.enrol(builders.make_person("110000", person_class=person_class), region="110000")
    for birth, price in (
        (date(2007, 1, 2), "405.00"),
        (date(2007, 1, 1), "750.00"),
        (date(1965, 1, 2), "750.00"),
        (date(1965, 1, 1), "430.00"),
    ):
        person = builders.make_person("110000", person_class="1701", birth_date=birth)
        builders.enrol(person, region="110000")
        wanted[person.id_number] = price
    unknown = builders.make_person("110000", person_class="1701")
    Person.objects.filter(pk=unknown.pk).update(birth_date=None)
    builders.enrol(unknown, region="110000")

    done = run(staff("clerk", "110000"), region="110000", on=date(2025, 1, 6))

    assert done.unpriced == 1
    assert not Receivable.objects.filter(person=unknown).exists()
    for due in Receivable.objects.select_related("person"):
        key = due.person.person_class if due.person.person_class != "1701" else due.person.id_number
        assert str(due.amount) == wanted[key]
    assert {k: v["lines"] for k, v in done.by_class.items()} == {"ADULT": 3, "CHILD": 2, "ELDER": 2}


def test_late_payers_owe_the_full_cost_but_newborns_and_switchers(db: None, staff: Staff) -> None:
    guizhou = "520000"

    def person(**fields: Any) -> Person:
        made = builders.make_person(guizhou, **fields)
        builders.enrol(made, region=guizhou)
        return made

    plain = person()
    newborn = person(birth_date=date(2025, 2, 20), person_class="1401")
    last_year = person(birth_date=date(2024, 12, 25), person_class="1401")
    too_old = person(birth_date=date(2024, 9, 1), person_class="1402")
    switcher, long_ago, employed = person(), person(), person()
    EmployeeSpell.objects.create(person=switcher, started_on=date(2020, 1, 1), stopped_on=date(2024, 12, 31))
    EmployeeSpell.objects.create(person=long_ago, started_on=date(2020, 1, 1), stopped_on=date(2024, 11, 30))
    EmployeeSpell.objects.create(person=employed, started_on=date(2020, 1, 1), stopped_on=date(2025, 1, 31))
    EmployeeSpell.objects.create(person=employed, started_on=date(2025, 3, 1))

    run(staff("clerk", guizhou), region=guizhou, on=date(2025, 3, 1))

    amounts = {r.person_id: (str(r.amount), r.is_late) for r in Receivable.objects.all()}
    late, personal = ("1070.00", True), ("400.00", False)
    assert amounts == {
        plain.pk: late,
        newborn.pk: personal,
        last_year.pk: personal,
        too_old.pk: late,
        switcher.pk: personal,
        long_ago.pk: late,
        employed.pk: late,
    }


def test_the_states_part_may_go_by_class_where_the_personal_one_does_not(db: None, staff: Staff) -> None:
    region = "460100"
    publish(
        Terms.from_dict(
            {
                "benefit_year": 2025,
                "window_open": "2024-09-01",
                "window_close": "2025-02-28",
                "personal_standard": {"ALL": "400.00"},
                "fiscal_standard": {"CHILD": "100.00", "ADULT": "200.00", "ELDER": "300.00"},
                "late_price_rule": "FULL_COST",
            }
        ),
        region,
    )
    for person_class in ("1403", "1501", "1601"):
        builders.enrol(builders.make_person(region, person_class=person_class), region=region)
    unknown = builders.make_person(region, person_class="1701", birth_date=date(1990, 1, 1))
    Person.objects.filter(pk=unknown.pk).update(birth_date=None)
    builders.enrol(unknown, region=region)
    done = run(staff("clerk", region), region=region, on=date(2025, 3, 1))
    amounts = Receivable.objects.order_by("id").values_list("price_class", "amount")
    assert list(amounts) == [("ALL", Decimal(n)) for n in ("500.00", "600.00", "700.00")]
    assert done.unpriced == 1


def test_the_last_day_of_the_window_has_the_personal_price(db: None, staff: Staff) -> None:
    builders.enrol(builders.make_person("520000"), region="520000")
    run(staff("clerk", "520000"), region="520000", on=date(2025, 2, 28))
    assert Receivable.objects.get().amount == Decimal("400.00")


YEAR_DAYS = st.dates(date(2023, 12, 1), date(2025, 12, 31))
MONEY = st.integers(1, 99_999).map(lambda fen: f"{fen // 100}.{fen % 100:02d}")


@st.composite
def random_terms(draw: st.DrawFn) -> Terms:
    standard = st.one_of(
        MONEY.map(lambda yuan: {"ALL": yuan}),
        st.fixed_dictionaries({"CHILD": MONEY, "ADULT": MONEY, "ELDER": MONEY}),
    )
    close = draw(st.dates(date(2024, 12, 1), date(2025, 5, 31)))
    rule = st.one_of(
        st.just({"kind": "FULL"}),
        MONEY.map(lambda yuan: {"kind": "FIXED", "value": yuan}),
        MONEY.map(lambda yuan: {"kind": "FIXED", "pays": yuan}),
        st.integers(1, 100_00).map(lambda n: {"kind": "PERCENT", "value": f"{n // 100}.{n % 100:02d}"}),
    )
    categories = draw(st.lists(st.sampled_from(["TEKUN", "DIBAO", "ORPHAN", "ZHONGCAN"]), unique=True))
    return Terms.from_dict(
        {
            "benefit_year": 2025,
            "window_open": "2024-09-01",
            "window_close": close.isoformat(),
            "personal_standard": draw(standard),
            "fiscal_standard": draw(standard),
            "late_price_rule": draw(st.sampled_from(["SAME", "FULL_COST"])),
            "late_price_from": draw(
                st.one_of(st.none(), st.dates(close + timedelta(days=1), date(2025, 12, 1)).map(str))
            ),
            "late_price_exempt": draw(st.lists(st.sampled_from(["NEWBORN", "SWITCHER"]), unique=True)),
            "newborn_free_first_year": draw(st.booleans()),
            "newborn_limit": draw(st.integers(1, 6)),
            "newborn_unit": draw(st.sampled_from(["DAY", "MONTH"])),
            "newborn_count_birth_day": draw(st.booleans()),
            "switch_months": draw(st.integers(0, 5)),
            "subsidy_rules": [{"category": c, **draw(rule)} for c in categories],
        }
    )


SPELLS = st.lists(st.tuples(st.dates(date(2024, 1, 1), date(2025, 12, 1)), st.integers(-1, 300)), max_size=2)
HELD = st.lists(
    st.tuples(
        st.sampled_from(["TEKUN", "DIBAO", "ORPHAN", "ZHONGCAN", "MONITORED"]),
        YEAR_DAYS,
        st.integers(-1, 400),
    ),
    max_size=3,
    unique_by=lambda held: held[0],
)
SOMEBODY = st.tuples(
    st.sampled_from(["1401", "1402", "1403", "1501", "1601", "1701"]),
    st.one_of(
        YEAR_DAYS, st.sampled_from([date(2007, 1, 1), date(2007, 1, 2), date(1965, 1, 1), date(1990, 5, 5)])
    ),
    HELD,
    SPELLS,
)


def _store(somebody: tuple[Any, ...], region: str) -> Person:
    person_class, birth, held, spells = somebody
    person = builders.make_person(region, person_class=person_class, birth_date=birth)
    builders.enrol(person, region=region)
    for category, since, days in held:
        until = None if days < 0 else since + timedelta(days=days + 1)
        PersonCategory.objects.create(person=person, category=category, valid_from=since, valid_to=until)
    for first, days in dict(spells).items():
        stopped = None if days < 0 else first + timedelta(days=days)
        EmployeeSpell.objects.create(person=person, started_on=first, stopped_on=stopped)
    return person


def _expected(terms: Terms, somebody: tuple[Any, ...], on: date) -> tuple[Decimal, Aid, bool]:
    """Price, aid and lateness by the pure rules."""
    person_class, birth, held, spells = somebody
    groups = []
    if birth.year == 2025 or (birth.year == 2024 and on <= newborn_last_day(terms, birth)):
        groups.append(LatePriceExempt.NEWBORN)
    known = Known(
        birth_date=birth,
        spells=tuple(
            Spell(first, None if days < 0 else first + timedelta(days=days))
            for first, days in dict(spells).items()
        ),
    )
    stop = known.on(terms, on).employee_stop_date
    if stop is not None and on <= switch_last_day(terms, stop):
        groups.append(LatePriceExempt.SWITCHER)
    price = price_on(terms, person_class, birth, on, groups)
    categories = [
        category
        for category, since, days in held
        if since <= on and (days < 0 or on < since + timedelta(days=days + 1))
    ]
    late = (
        terms.late_price_rule == "FULL_COST"
        and on >= terms.late_price_start
        and not any(group in terms.late_price_exempt for group in groups)
        and price > 0
    )
    return price, best_aid(terms, categories, price), late


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(terms=random_terms(), crowd=st.lists(SOMEBODY, min_size=1, max_size=6), on=YEAR_DAYS)
def test_the_statement_prices_as_the_pure_rules_do(
    db: None, terms: Terms, crowd: list[tuple[Any, ...]], on: date
) -> None:
    region = "460100"
    with transaction.atomic():
        policy = publish(terms, region)
        stored = {_store(somebody, region).pk: somebody for somebody in crowd}
        with connection.cursor() as cursor, receivables._priced(cursor, region, policy, on):
            cursor.execute("SELECT person_id, price_class, standard, aid_category, aid, is_late FROM priced")
            rows = cursor.fetchall()
        transaction.set_rollback(True)
    alive = {key for key, somebody in stored.items() if somebody[1] <= terms.year_end}
    assert {row[0] for row in rows} == alive
    for key, found_class, standard, category, aid, is_late in rows:
        somebody = stored[key]
        price, wanted, late = _expected(terms, somebody, on)
        assert (standard, category, aid) == (price, wanted.category, wanted.amount), somebody
        assert is_late == late, somebody
        assert found_class == price_class(terms, somebody[0], somebody[1])


# --- later amounts -----------------------------------------------------------------------------------


def again(by: User, on: date, ids: list[int] | None = None) -> int:
    return reassess(
        region_id=builders.GUIGANG,
        year=2025,
        on=on,
        reason="list of civil affairs",
        by=by,
        at=datetime(2024, 12, 1, tzinfo=UTC),
        receivable_ids=ids,
    )


def test_a_later_list_makes_a_later_amount_once(db: None, staff: Staff) -> None:
    clerk, listed = staff("clerk"), aided("DIBAO", since=date(2024, 11, 1))
    builders.enrol(builders.make_person())
    run(clerk)
    assert again(clerk, date(2024, 11, 1)) == 1
    later = Assessment.objects.get()
    due = Receivable.objects.with_state().get(person=listed)
    assert (later.pk, later.amount, later.aid_category) == (due.pk * 100 + 1, Decimal("160.00"), "DIBAO")
    assert (due.amount, due.amount_due) == (Decimal("400.00"), Decimal("160.00"))
    assert again(clerk, date(2024, 11, 1)) == 0
    PersonCategory.objects.filter(person=listed).update(valid_to=date(2024, 12, 1))
    assert again(clerk, date(2024, 12, 1)) == 1
    assert Receivable.objects.with_state().get(person=listed).amount_due == Decimal("400.00")


def test_who_becomes_exempt_later_is_covered_then(db: None, staff: Staff) -> None:
    clerk, listed = staff("clerk"), aided("TEKUN", since=date(2024, 11, 1))
    run(clerk)
    assert again(clerk, date(2024, 11, 1)) == 1
    cover = Coverage.objects.get()
    assert (cover.person_id, cover.paid_on, cover.payment_id) == (listed.pk, date(2024, 11, 1), None)
    assert cover.pk // 100 == Receivable.objects.get().pk


def test_paid_held_and_exempt_ones_keep_their_amount(db: None, staff: Staff) -> None:
    clerk = staff("clerk")
    paid, held, named, other, exempt = (
        aided(c, since=date(2024, 11, 1) if c == "DIBAO" else date(2024, 1, 1))
        for c in ("DIBAO", "DIBAO", "DIBAO", "DIBAO", "TEKUN")
    )
    run(clerk)
    due = {r.person_id: r for r in Receivable.objects.all()}
    bookbuilders.pay_at_counter(due[paid.pk], "C-1")
    bookbuilders.freeze([due[held.pk]], bookbuilders.Staff(clerk, staff("supervisor")), number=1)
    PersonCategory.objects.filter(person=exempt).update(valid_to=date(2024, 10, 1))
    assert again(clerk, date(2024, 11, 1), [due[named.pk].pk]) == 1
    assert again(clerk, date(2024, 11, 1)) == 1
    assert set(Assessment.objects.values_list("receivable__person_id", flat=True)) == {named.pk, other.pk}


# --- the command -------------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("assess", "--region", builders.GUIGANG, "--year", "2025", *arguments, stdout=out)
    return out.getvalue()


def test_command_reports_in_json_and_as_a_table(db: None, staff: Staff) -> None:
    clerk = staff("clerk")
    builders.enrol(builders.make_person())
    report = json.loads(command("--by", clerk.username, "--on", "2024-10-01", "--json"))
    assert report.pop("seconds") >= 0
    assert report == {
        "region": builders.GUIGANG,
        "year": 2025,
        "on": "2024-10-01",
        "assessed": 1,
        "already": 0,
        "exempt": 0,
        "amount": "400.00",
        "by_class": {"ALL": {"lines": 1, "amount": "400.00"}},
        "aided": 0,
        "siblings": 0,
        "unpriced": 0,
    }
    assert "400.00" not in command("--by", clerk.username)


@pytest.mark.parametrize("by", [[], ["--by", "nobody"]])
def test_command_needs_to_know_who_acts(db: None, staff: Staff, by: list[str]) -> None:
    staff("clerk")
    with pytest.raises(CommandError) as caught:
        command(*by)
    assert caught.value.returncode == 2


def test_command_takes_the_demo_clerk_where_only_demo_staff_exist(db: None, staff: Staff) -> None:
    for role, region in (("clerk", "450000"), ("clerk", builders.GUIGANG), ("supervisor", builders.GUIGANG)):
        staff(role, region)
    User.objects.update(is_demo=True)
    builders.enrol(builders.make_person())
    command()
    left = Context.objects.get(metadata__why="assess receivables")
    home = User.objects.get(pk=left.metadata["user"])
    assert home.groups.get().name == "clerk"
    assert home.staff_regions.get().region_id == builders.GUIGANG


def test_command_says_why_it_cannot(db: None, staff: Staff) -> None:
    clerk = staff("clerk")
    Enrollment.objects.all().delete()
    with pytest.raises(CommandError, match="POLICY_MISSING") as caught:
        call_command("assess", "--region", builders.GUIGANG, "--year", "2040", "--by", clerk.username)
    assert caught.value.returncode == 2
