"""Large lists are applied two chunks at a time, and look afterwards as if they had been applied line by line."""

import logging
import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection

from bureau.models import User
from enrollment.models import HouseholdMember, ListFile, Person
from enrollment.services import listapply, listlanes, listlines, lists
from enrollment.states import ListState
from tests import builders
from tests.enrollment import listkit


@pytest.fixture
def clerk(committed: None, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(listapply, "CHUNK", 2)
    return builders.make_staff("clerk")


def households() -> dict[str, set[str]]:
    """Who lives with whom: the head's name, and the members' with their relation."""
    found: dict[str, set[str]] = {}
    heads = dict(
        HouseholdMember.objects.filter(left_on=None, relation="HEAD").values_list(
            "household_id", "person__name"
        )
    )
    for member in HouseholdMember.objects.filter(left_on=None).select_related("person"):
        found.setdefault(heads[member.household_id], set()).add(f"{member.person.name} {member.relation}")
    return found


def test_families_are_found_within_a_chunk_and_across_chunks(clerk: User) -> None:
    one, two, far, chain, round_a, round_b = (builders.id_number() for _ in range(6))
    rows = [
        listkit.row(one, "甲一", 与户主关系="户主"),
        listkit.row(builders.id_number(), "甲二", 户主证件号码=one, 与户主关系="配偶"),
        # The head of these two stands at the end of the list.
        listkit.row(builders.id_number(), "乙二", 户主证件号码=two, 与户主关系="子女"),
        listkit.row(builders.id_number(), "乙三", 户主证件号码=two, 与户主关系="子女"),
        # The head of this one is somebody else's member.
        listkit.row(builders.id_number(), "丙三", 户主证件号码=chain, 与户主关系="配偶"),
        listkit.row(chain, "丙二", 户主证件号码=far, 与户主关系="子女"),
        listkit.row(far, "丙一", 与户主关系="户主"),
        # These two name each other.
        listkit.row(round_a, "丁一", 户主证件号码=round_b, 与户主关系="配偶"),
        listkit.row(round_b, "丁二", 户主证件号码=round_a, 与户主关系="配偶"),
        listkit.row(two, "乙一", 与户主关系="户主"),
    ]
    file = listkit.apply(listkit.receive(listkit.xlsx(rows), by=clerk), by=clerk)
    assert (file.state, file.tallies, file.done_through) == (ListState.APPLIED, {"NEW": 10, "SAME": 0}, 11)
    assert households() == {
        "甲一": {"甲一 HEAD", "甲二 SPOUSE"},
        "乙一": {"乙一 HEAD", "乙二 CHILD", "乙三 CHILD"},
        "丙一": {"丙一 HEAD", "丙二 CHILD", "丙三 SPOUSE"},
        "丁一": {"丁一 HEAD"},
        "丁二": {"丁二 HEAD"},
    }
    again = listkit.receive(listkit.xlsx(rows), by=clerk)
    assert again.tallies == {"SAME": 10}


def test_nothing_behind_a_chunk_that_failed_is_committed(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [builders.id_number() for _ in range(9)]
    file = listkit.receive(listkit.xlsx([listkit.row(number) for number in numbers]), by=clerk)
    lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    real, broken = listapply._apply, [True]

    def apply(row: ListFile, first: int, last: int, at: object) -> None:
        real(row, first, last, listkit.AT)
        if first == 3 and broken.pop():
            broken.append(False)
            raise ValueError("a lane dies")

    monkeypatch.setattr(listapply, "_apply", apply)
    lists.process(list_id=file.pk, at=listkit.AT)
    file.refresh_from_db()
    assert (file.state, file.done_through) == (ListState.CONFIRMED, 2)
    # Lines 1 and 2 are the header and the first person.
    assert set(Person.objects.filter(id_number__in=numbers).values_list("id_number", flat=True)) == {
        numbers[0]
    }
    file = lists.process(list_id=file.pk, at=listkit.AT)
    assert (file.state, Person.objects.filter(id_number__in=numbers).count()) == (ListState.APPLIED, 9)


def test_two_chunks_that_want_one_person_go_on_alone(
    clerk: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listlanes, "PATIENCE", 1)
    known = builders.make_person(name="李四", birth_date=date(1960, 1, 1), phone="13800000000")
    Person.objects.filter(pk=known.pk).update(id_alias="P1234567")
    builders.enrol(known)
    twin = {"证件类型": "外国人护照", "出生日期": "1960-01-01", "手机号码": "13900000002"}
    rows = [
        listkit.row(known.id_number, 手机号码="13900000001"),
        listkit.row("P1234567", **twin),
        listkit.row(builders.id_number()),
    ]
    file = listkit.receive(listkit.xlsx(rows), by=clerk)
    assert file.tallies == {"NEW": 1, "UPDATED": 2, "SAME": 0}
    real, second = listapply._apply, threading.Event()

    def apply(row: ListFile, first: int, last: int, at: object) -> None:
        if first == 1:  # the second chunk has the person already, and waits for its turn to commit
            second.wait(timeout=20)
        real(row, first, last, listkit.AT)
        second.set()

    monkeypatch.setattr(listapply, "_apply", apply)
    with caplog.at_level(logging.WARNING, "enrollment.services.listlanes"):
        file = listkit.apply(file, by=clerk)
    assert "two chunks want one row" in caplog.text
    known.refresh_from_db()
    # The first line counts; the other one finds a changed person and is told.
    assert (file.state, known.phone) == (ListState.APPLIED, "13900000001")
    assert file.tallies == {"NEW": 1, "UPDATED": 1, "CONTRADICTORY": 1, "SAME": 0}
    assert [line.line_no for line in listlines.wrong_lines(file)] == [3]


def test_a_list_is_stopped_between_its_chunks(clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [builders.id_number() for _ in range(60)]
    file = listkit.receive(listkit.xlsx([listkit.row(number) for number in numbers]), by=clerk)
    lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    asked = []

    def stop(point: str) -> None:
        if point == "after_list_chunk" and not asked:
            asked.append(lists.stop(list_id=file.pk, by=clerk, at=listkit.AT))

    monkeypatch.setattr(listlanes.faults, "hit", stop)
    file = lists.process(list_id=file.pk, at=listkit.AT)
    done = file.done_through
    # Chunks that were being worked out when somebody asked are finished first.
    assert (file.state, done % 2, 2 <= done < 60) == (ListState.STOPPED, 0, True)
    assert Person.objects.filter(id_number__in=numbers).count() == done - 1
    lists.resume(list_id=file.pk, by=clerk, at=listkit.AT)
    assert lists.process(list_id=file.pk, at=listkit.AT).state == ListState.APPLIED
    assert Person.objects.filter(id_number__in=numbers).count() == 60


def test_who_is_registered_in_the_same_moment_makes_no_second_person(
    clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listapply, "CHUNK", 20_000)
    numbers = [builders.id_number() for _ in range(3)]
    file = listkit.receive(listkit.xlsx([listkit.row(number) for number in numbers]), by=clerk)
    assert file.tallies == {"NEW": 3, "SAME": 0}
    tries = []

    def register() -> None:
        builders.make_person(id_number=numbers[1], name="王五")
        connection.close()

    def at_the_insertion(run: Any, sql: str, *rest: Any) -> Any:
        # Behind the look at who is known already, and before the persons are written.
        if sql.startswith("INSERT INTO enrollment_person"):
            tries.append(sql)
            if len(tries) == 1:
                elsewhere = threading.Thread(target=register)
                elsewhere.start()
                elsewhere.join()
        return run(sql, *rest)

    with connection.execute_wrapper(at_the_insertion):
        file = listkit.apply(file, by=clerk)
    assert (file.state, len(tries)) == (ListState.APPLIED, 2)
    assert file.tallies == {"NEW": 2, "CONTRADICTORY": 1, "SAME": 0}
    [told] = listlines.wrong_lines(file)
    assert (told.line_no, told.code) == (3, "CHANGED_MEANWHILE")
    assert Person.objects.get(id_number=numbers[1]).name == "王五"
