"""Rows of cover: superseding, exempt people, cover taken away, what is in force, and the sentence of a
row.
"""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.known import Category, Special, Spell
from enrollment.models import Coverage, EmployeeSpell, Policy
from enrollment.policy import Terms
from enrollment.services import cover
from enrollment.services.facts import known_of
from tests.builders import GUIGANG
from tests.enrollment.covered import AT, paid, read_one_by_one, relation, shipped, someone, write
from tests.enrollment.values import make_terms

pytestmark = pytest.mark.django_db
IN_TIME, LATE, TOO_LATE = date(2025, 1, 15), date(2025, 4, 10), date(2025, 11, 20)
PLAIN = someone()


@pytest.fixture(params=[0, 1_000], ids=["set-based", "one by one"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "SMALL", request.param)


both_ways = pytest.mark.usefixtures("_both_ways")


def periods(receivable: int) -> list[tuple[date | None, date | None, str, int | None]]:
    """The rows of a receivable in their order."""
    rows = Coverage.objects.filter(id__gte=receivable * 100, id__lt=receivable * 100 + 100).order_by("id")
    return [(row.start, row.end, row.reason, row.supersedes) for row in rows]


@both_ways
def test_a_payment_in_the_window_covers_the_whole_year() -> None:
    (person,) = write([PLAIN])
    row = paid(person, IN_TIME)
    started = cover.start_cover(relation=relation([row]), policy=shipped("GG25"), at=AT)
    assert (started, started.without_cover) == (1, 0)
    assert periods(row.receivable_id) == [(date(2025, 1, 1), date(2026, 1, 1), "DECIDED", None)]


@both_ways
def test_rows_without_a_day_of_cover_are_written_and_counted() -> None:
    first, second, newborn = write([PLAIN, PLAIN, someone(birth_date=date(2025, 10, 1))])
    rows = [paid(first, IN_TIME), paid(second, TOO_LATE), paid(newborn, TOO_LATE)]
    started = cover.start_cover(relation=relation(rows), policy=shipped("GG25"), at=AT)
    assert (started, started.without_cover) == (3, 1)
    assert periods(rows[1].receivable_id) == [(None, None, "DECIDED", None)]
    assert Coverage.objects.get(pk=rows[1].receivable_id * 100).rule == "LATE"
    assert periods(rows[2].receivable_id)[0][0] == date(2025, 10, 1)


@both_ways
def test_nothing_to_do_writes_nothing() -> None:
    started = cover.start_cover(relation=relation([]), policy=shipped("GG25"), at=AT)
    assert (started, started.without_cover, Coverage.objects.count()) == (0, 0, 0)


@both_ways
def test_a_reversed_payment_ends_cover_and_a_second_one_starts_it_again() -> None:
    (person,) = write([PLAIN])
    row, policy = paid(person, IN_TIME), shipped("GG25")
    key = row.receivable_id * 100
    cover.start_cover(relation=relation([row]), policy=policy, at=AT)
    assert cover.end_cover(receivable_ids=[row.receivable_id], reason="REVERSED", at=AT) == 1
    cover.start_cover(relation=relation([row]), policy=policy, at=AT)
    year = (date(2025, 1, 1), date(2026, 1, 1))
    assert periods(row.receivable_id) == [
        (*year, "DECIDED", None),
        (None, None, "REVERSED", key),
        (*year, "DECIDED", key + 1),
    ]


def test_cover_is_taken_away_once() -> None:
    first, second = write([PLAIN, PLAIN])
    rows = [paid(first, IN_TIME), paid(second, IN_TIME)]
    cover.start_cover(relation=relation(rows), policy=shipped("GG25"), at=AT)
    wanted = [row.receivable_id for row in rows]
    never_paid = paid(first, IN_TIME).receivable_id
    assert cover.end_cover(receivable_ids=wanted[:1], reason="REVERSED", at=AT) == 1
    assert cover.end_cover(receivable_ids=[*wanted, never_paid], reason="REFUNDED", at=AT) == 1
    assert cover.end_cover(receivable_ids=wanted, reason="REFUNDED", at=AT) == 0
    assert cover.end_cover(receivable_ids=[], reason="REFUNDED", at=AT) == 0
    assert [len(periods(receivable)) for receivable in [*wanted, never_paid]] == [2, 2, 0]


def test_an_ending_row_keeps_what_was_decided_but_the_period() -> None:
    (person,) = write([someone(spells=(Spell(date(2020, 1, 1), date(2025, 3, 20)),))])
    row = paid(person, LATE)
    cover.start_cover(relation=relation([row]), policy=shipped("GG25"), at=AT)
    cover.end_cover(receivable_ids=[row.receivable_id], reason="REVERSED", at=AT)
    decided, ended = Coverage.objects.filter(person_id=person).order_by("id")
    same = (
        "person_id",
        "region_id",
        "scheme",
        "rule",
        "wait_fixed",
        "wait_variable",
        "policy_id",
        "payment_id",
    )
    for name in (*same, "paid_on", "facts", "repair_years"):
        assert getattr(ended, name) == getattr(decided, name), name
    assert decided.facts == {"employee_stop_date": "2025-03-20"}


def test_decided_is_no_reason_for_taking_cover_away() -> None:
    with pytest.raises(cover.CoverReasonWrong) as caught:
        cover.end_cover(receivable_ids=[2025 * 10**10 + 1], reason="DECIDED", at=AT)
    assert caught.value.code == "COVER_REASON_WRONG"


@both_ways
def test_exempt_people_are_covered_without_a_payment() -> None:
    (person,) = write([PLAIN])
    row = paid(person, IN_TIME, exempt=True)
    assert cover.start_exempt_cover(relation=relation([row]), policy=shipped("GG25"), at=AT) == 1
    written = Coverage.objects.get(person_id=person)
    assert (written.reason, written.payment_id, written.paid_on) == ("EXEMPT", None, IN_TIME)
    assert written.start == date(2025, 1, 1)


@both_ways
@pytest.mark.parametrize("exempt", [True, False])
def test_cover_rests_on_a_payment_or_on_aid(exempt: bool) -> None:
    (person,) = write([PLAIN])
    start = cover.start_cover if exempt else cover.start_exempt_cover
    with pytest.raises(cover.CoverWithoutPayment) as caught:
        start(relation=relation([paid(person, IN_TIME, exempt=exempt)]), policy=shipped("GG25"), at=AT)
    assert (caught.value.code, caught.value.params["rows"]) == ("COVER_WITHOUT_PAYMENT", 1)
    assert not Coverage.objects.exists()


@both_ways
def test_a_receivable_of_another_year_is_refused() -> None:
    (person,) = write([PLAIN])
    with pytest.raises(cover.CoverOutsideYear) as caught:
        cover.start_cover(relation=relation([paid(person, IN_TIME, 2026)]), policy=shipped("GG25"), at=AT)
    assert (caught.value.code, caught.value.params["year"]) == ("COVER_OUTSIDE_YEAR", 2025)


@both_ways
def test_the_hundredth_row_is_the_last() -> None:
    (person,) = write([PLAIN])
    row, policy = paid(person, IN_TIME), shipped("GG25")
    last = row.receivable_id * 100 + 99
    Coverage.objects.create(
        id=last, person_id=person, region_id=GUIGANG, rule="IN_WINDOW", policy=policy, decided_at=AT
    )
    with pytest.raises(cover.CoverRowsExhausted) as caught:
        cover.start_cover(relation=relation([row]), policy=policy, at=AT)
    assert caught.value.params == {"receivable": row.receivable_id}
    with pytest.raises(cover.CoverRowsExhausted):
        cover.end_cover(receivable_ids=[row.receivable_id], reason="REVERSED", at=AT)


BREAKS = [
    (someone(), 0),
    (someone(prior=(2027,)), 0),
    (someone(prior=(2026,)), 3),
    (someone(prior=(2024, 2027)), 0),
    (someone(prior=(2025,)), 4),
    (someone(own=(2027,)), 0),
    (someone(own=(2026,)), 3),
    (someone(prior=(2026,), own=(2027,)), 0),
    (someone(own=(2026,), withdrawn=(2027,)), 3),
    (someone(withdrawn=(2026, 2027)), 0),
    (someone(prior=(2025,), withdrawn=(2026, 2027)), 4),
    (someone(prior=(2027,), withdrawn=(2027,)), 0),
    (someone(prior=(2024,), spells=(Spell(date(2026, 6, 30), date(2026, 6, 30)),)), 3),
    (someone(prior=(2028,)), 0),
]


@both_ways
def test_breaks_are_found_in_imported_and_in_own_cover() -> None:
    ids = write([one for one, _wait in BREAKS])
    rows = [paid(person, date(2027, 11, 3), 2028) for person in ids]
    cover.start_cover(relation=relation(rows), policy=shipped("SC28"), at=AT)
    written = {row.person_id: row for row in Coverage.objects.filter(id__gte=2028 * 10**12)}
    waits = [written[person].wait_fixed + written[person].wait_variable for person in ids]
    assert waits == [wait for _one, wait in BREAKS]
    assert {row.rule for row in written.values()} == {"IN_WINDOW", "IN_WINDOW_BROKEN"}


SPECIAL_PEOPLE = [
    (someone(), "LATE"),
    (someone(birth_date=None), "LATE"),
    (someone(birth_date=date(2023, 12, 31)), "LATE"),
    (someone(birth_date=date(2025, 1, 1)), "NEWBORN_LATE"),
    (someone(birth_date=date(2025, 4, 1)), "NEWBORN_FROM_BIRTH"),
    (someone(birth_date=date(2024, 12, 31)), "LATE"),
    (someone(birth_date=date(2025, 12, 31)), "NEWBORN_FROM_BIRTH"),
    (someone(specials=(Special("CLERGY"),)), "SPECIAL_NO_WAIT"),
    (someone(specials=(Special("RELEASED", date(2024, 1, 1)),)), "LATE"),
    (someone(spells=(Spell(date(2020, 1, 1), date(2025, 3, 20)),)), "EMPLOYEE_SWITCH_NO_WAIT"),
    (someone(spells=(Spell(date(2020, 1, 1)),)), "LATE"),
    (someone(categories=(Category("DIBAO", date(2025, 1, 1)),)), "SPECIAL_NO_WAIT"),
    (someone(categories=(Category("DIBAO", date(2025, 1, 1), LATE),)), "LATE"),
    (someone(categories=(Category("ZHONGCAN", date(2025, 1, 1)),)), "LATE"),
]


@both_ways
def test_whatever_is_special_about_a_person_is_seen() -> None:
    naming = make_terms(special_groups=["DIBAO", "CLERGY", {"group": "RELEASED", "kind": "EVENT"}])
    policy = Policy.objects.create(
        key="T", region_id=GUIGANG, benefit_year=2025, version=9, terms=naming.to_dict()
    )
    ids = write([one for one, _rule in SPECIAL_PEOPLE])
    cover.start_cover(relation=relation([paid(person, LATE) for person in ids]), policy=policy, at=AT)
    written = {row.person_id: row.rule for row in Coverage.objects.all()}
    assert [written[person] for person in ids] == [rule for _one, rule in SPECIAL_PEOPLE]


@pytest.mark.parametrize("key", ["SC28", "GG25", "GG18"])
def test_exactly_those_who_are_not_plain_are_read_one_by_one(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, everybody = shipped(key), [one for one, _ in [*BREAKS, *SPECIAL_PEOPLE]]
    ids = write(everybody)
    odd = [pk for pk, one in zip(ids, everybody, strict=True) if not one.known.is_plain(policy.values)]
    assert read_one_by_one(ids, policy, monkeypatch) == odd
    assert 0 < len(odd) < len(ids)


def test_the_planner_is_left_as_it_was_and_nothing_temporary_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "SMALL", 0)
    (person,) = write([PLAIN])
    with connection.cursor() as cursor:
        for setting in ("on", "off"):
            cursor.execute(f"SET LOCAL enable_nestloop = {setting}")
            cover.start_cover(relation=relation([paid(person, IN_TIME)]), policy=shipped("GG25"), at=AT)
            cursor.execute("SELECT current_setting('enable_nestloop')")
            assert cursor.fetchone() == (setting,)
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'cover\\_%' AND relpersistence = 't'")
        assert cursor.fetchall() == []


def test_what_is_in_force_is_the_last_row_of_each_receivable() -> None:
    first, second, third = write([PLAIN, PLAIN, PLAIN])
    policy = shipped("GG25")
    rows = [paid(first, IN_TIME), paid(second, IN_TIME), paid(third, IN_TIME)]
    cover.start_cover(relation=relation(rows), policy=policy, at=AT)
    cover.end_cover(receivable_ids=[rows[0].receivable_id], reason="REVERSED", at=AT)
    found = cover.in_force_for([first, second], 2025)
    assert [(row.person_id, row.start is not None) for row in found] == [(first, False), (second, True)]
    assert list(cover.in_force_for([first, second], 2024)) == []


def test_what_is_known_takes_as_many_queries_for_many_as_for_one() -> None:
    many = [someone(specials=(Special("CLERGY"),), prior=(2020,), own=(2024,)), PLAIN] * 10
    ids = write(many)
    counts = []
    for some in (ids[:1], ids):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            known = known_of(person_ids=some, benefit_year=2025)
        counts.append(len(queries))
        assert set(known) == set(some)
    assert counts == [6, 6]


def test_cover_that_was_taken_away_is_no_earlier_cover() -> None:
    kept, lost = write([someone(own=(2024, 2025)), someone(own=(2024,), withdrawn=(2025,))])
    known = known_of(person_ids=[kept, lost], benefit_year=2027)
    assert (known[kept].covered, known[lost].covered) == ({2024, 2025}, {2024})


# ------------------------------------------------------------------------------------------- sentences


def test_a_row_is_told_by_what_was_known_when_it_was_decided() -> None:
    (person,) = write([someone(specials=(Special("RELEASED", date(2025, 3, 1)),))])
    row = paid(person, LATE)
    cover.start_cover(relation=relation([row]), policy=shipped("JX25b"), at=AT)
    written = Coverage.objects.get(person_id=person)
    before = cover.explain(written, "en")
    EmployeeSpell.objects.create(person_id=person, started_on=date(2025, 1, 1))
    assert cover.explain(Coverage.objects.get(pk=written.pk), "en") == before
    assert before == (
        "Paid on 2025-04-10, after the central payment window for 2025 (2024-09-15 to 2025-02-28), "
        "as a special group (people released from prison, within 90 days of 2025-03-01 (until 2025-05-30)): "
        "no wait, cover starts on the day after payment, so the cover runs from 2025-04-11 to 2025-12-31."
    )
    assert cover.explain(written) == (
        "2025-04-10缴费，已过2025年度集中缴费期（2024-09-15至2025-02-28），属于特殊人群"
        "（刑满释放人员，"
        "2025-03-01起90天内（截至2025-05-30）），不设等待期，自缴费次日起享受待遇，"
        "待遇期为2025-04-11至2025-12-31。"
    )


def unsaved(terms: Terms | None = None, **changes: object) -> Coverage:
    """A row of cover that was never written."""
    policy = shipped("GG25")
    if terms is not None:
        policy.terms = terms.to_dict()
    values: dict[str, object] = {
        "id": 2025_0000000001_00,
        "start": date(2025, 1, 1),
        "end": date(2026, 1, 1),
        "rule": "IN_WINDOW",
        "paid_on": IN_TIME,
        "reason": "DECIDED",
        "policy": policy,
    }
    return Coverage(**(values | changes))


def test_an_ended_row_says_what_became_of_the_payment() -> None:
    row = unsaved(start=None, end=None, reason="REVERSED")
    assert cover.explain(row, "zh-hans") == "2025-01-15的缴费已被银行冲正，2025年度的待遇自始取消。"
    assert cover.explain(row, "en") == (
        "The bank reversed the payment of 2025-01-15: the cover for 2025 is withdrawn from its start."
    )
    assert "退费" in cover.explain(unsaved(start=None, end=None, reason="REFUNDED"))


def test_an_exempt_row_says_that_aid_pays() -> None:
    row = unsaved(reason="EXEMPT")
    assert cover.explain(row, "en").startswith(
        "Aid pays the whole contribution and 2025-01-15 counts as the day of payment: Paid on 2025-01-15"
    )
    assert cover.explain(row).startswith("参保费由资助全额承担，个人不缴费，以2025-01-15为缴费日：")


def test_a_row_that_the_rules_would_decide_differently_today_is_told_without_reasons() -> None:
    row = unsaved(make_terms(in_window_after_jan1="NEXT_DAY"))
    assert cover.explain(row, "en") == (
        "Decided by the rule IN_WINDOW: cover from 2025-01-01 to 2025-12-31; "
        "the rule has since been written differently."
    )
    assert cover.explain(unsaved(start=None, end=None)) == (
        "按IN_WINDOW规则认定，2025年度内没有待遇；认定时的规则与现行规则不同。"
    )
