"""The monthly lists of civil affairs and others: aid members in full, checks, claims, deaths."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bureau import proposals
from bureau.models import User
from enrollment.models import Change, Enrollment, ListFile, ListKind, Person, PersonCategory
from enrollment.services import listlines, lists, listundo
from enrollment.states import ListState
from tests import builders
from tests.enrollment import listkit

pytestmark = pytest.mark.django_db
AID = ("序号", "身份证号", "姓名", "医疗救助身份", "镇街", "村居", "纳入资助时间", "缴费时间")
DEATHS = ("序号", "姓名", "身份证号码", "死亡时间")
CHECK = ("序号", "身份证号", "姓名", "镇街", "村居", "参保状态", "特殊人员身份类别")
CLAIM = ("序号", "镇街", "姓名", "身份证号码", "代缴类别", "代缴金额", "个人缴费金额", "缴费总额")


@pytest.fixture
def clerk(staff: Callable[..., User]) -> User:
    return staff("clerk")


@pytest.fixture
def supervisor(staff: Callable[..., User]) -> User:
    return staff("supervisor")


def aid(person: Person | str, category: str, since: str = "2025-01", name: str = "") -> list[Any]:
    number = person if isinstance(person, str) else person.id_number
    return [
        1,
        number,
        name or (person.name if isinstance(person, Person) else "某人"),
        category,
        "",
        "",
        since,
        "",
    ]


def receive(
    clerk: User, rows: list[list[Any]], *, issuer: str = "CIVIL", month: date = date(2025, 1, 1)
) -> ListFile:
    content = listkit.xlsx(rows, AID)
    return listkit.receive(content, by=clerk, kind=ListKind.AID_MEMBERS, issuer=issuer, month=month)


def held(person: Person) -> list[tuple[str, date, date | None]]:
    rows = PersonCategory.objects.filter(person=person).order_by("category", "valid_from")
    return list(rows.values_list("category", "valid_from", "valid_to"))


def test_a_full_list_tells_new_ended_unchanged_unknown_and_contradictory(
    clerk: User, supervisor: User
) -> None:
    fresh, gone, same, other, renamed = (builders.make_person(name=f"李{n}") for n in "甲乙丙丁戊")
    since = date(2024, 1, 1)
    for person, category in ((gone, "DIBAO"), (same, "TEKUN"), (other, "ZHONGCAN"), (renamed, "DIBAO")):
        PersonCategory.objects.create(person=person, category=category, valid_from=since)
    rows = [
        aid(fresh, "低保对象"),
        aid(same, "特困人员", "2024-01"),
        aid(builders.id_number(), "低保"),
        aid(renamed, "低保", name="王五"),
    ]
    file = receive(clerk, rows)
    assert file.tallies == {"NEW": 1, "ENDED": 1, "UNKNOWN": 1, "CONTRADICTORY": 1, "SAME": 1}
    assert listkit.found(file) == [
        (2, "NEW", "CATEGORY_NEW"),
        (4, "UNKNOWN", "PERSON_UNKNOWN"),
        (5, "CONTRADICTORY", "NAME_DIFFERS"),
        (6, "ENDED", "CATEGORY_ENDED"),
    ]
    with pytest.raises(proposals.access.NotAllowed):
        lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    file = listkit.apply(file, by=supervisor)
    assert file.state == ListState.APPLIED
    assert held(fresh) == [("DIBAO", date(2025, 1, 1), None)]
    assert held(gone) == [("DIBAO", since, date(2025, 1, 1))]
    # Another body's category, and whoever the list names wrongly, stay as they are.
    assert held(other) == [("ZHONGCAN", since, None)]
    assert held(renamed) == [("DIBAO", since, None)]
    told = Change.objects.order_by("id").values_list("person_id", "kind", "details__category")
    assert list(told) == [(fresh.pk, "CATEGORY_BEGAN", "DIBAO"), (gone.pk, "CATEGORY_ENDED", "DIBAO")]
    assert receive(clerk, rows).tallies == {"UNKNOWN": 1, "CONTRADICTORY": 1, "SAME": 2}

    listundo.undo(list_id=file.pk, reason="错误的名单", by=supervisor, at=listkit.AT)
    assert (held(fresh), held(gone)) == ([], [("DIBAO", since, None)])
    assert ListFile.objects.get(pk=file.pk).state == ListState.UNDONE


def test_who_is_listed_again_goes_on(clerk: User, supervisor: User) -> None:
    person = builders.make_person()
    PersonCategory.objects.create(
        person=person, category="DIBAO", valid_from=date(2023, 1, 1), valid_to=date(2025, 1, 1)
    )
    file = listkit.apply(receive(clerk, [aid(person, "低保", "2023-01")]), by=supervisor)
    assert (file.tallies, held(person)) == ({"UPDATED": 1, "SAME": 0}, [("DIBAO", date(2023, 1, 1), None)])
    listundo.undo(list_id=file.pk, reason="错", by=supervisor, at=listkit.AT)
    assert held(person) == [("DIBAO", date(2023, 1, 1), date(2025, 1, 1))]


def test_after_a_gap_a_category_begins_with_the_month_of_the_list(clerk: User, supervisor: User) -> None:
    person = builders.make_person()
    PersonCategory.objects.create(
        person=person, category="DIBAO", valid_from=date(2023, 1, 1), valid_to=date(2024, 6, 1)
    )
    listkit.apply(receive(clerk, [aid(person, "低保", "2023-01")]), by=supervisor)
    assert held(person) == [
        ("DIBAO", date(2023, 1, 1), date(2024, 6, 1)),
        ("DIBAO", date(2025, 1, 1), None),
    ]


def test_a_line_in_error_ends_nobody(clerk: User) -> None:
    person = builders.make_person()
    PersonCategory.objects.create(person=person, category="DIBAO", valid_from=date(2024, 1, 1))
    file = receive(clerk, [aid(person, "低保"), aid(person, "低保"), aid(person, "没有的身份")])
    assert file.tallies == {"ERROR": 3, "SAME": 0}


def test_a_body_speaks_of_its_own_categories(clerk: User) -> None:
    file = receive(clerk, [aid(builders.make_person(), "低保")], issuer="RURAL")
    (line,) = file.lines.all()
    assert (line.code, line.column) == ("CATEGORY_NOT_ISSUERS", "医疗救助身份")
    assert "防返贫监测对象" in listlines.sentence(line)
    with pytest.raises(lists.ListIssuerWrong):
        receive(clerk, [], issuer="HEALTH")


def test_the_dead_are_ended_and_told(clerk: User, supervisor: User) -> None:
    died, known, early = (builders.make_person(name=f"李{n}") for n in "甲乙丙")
    builders.enrol(died)
    Person.objects.filter(pk=known.pk).update(death_date=date(2025, 1, 2))
    rows = [
        [1, died.name, died.id_number, "2025-01-10"],
        [2, known.name, known.id_number, "2025-01-03"],
        [3, early.name, early.id_number, "1970-01-01"],
        [4, "无名", builders.id_number(), "2025-01-01"],
        [5, early.name, early.id_number, "2026-01-01"],
    ]
    file = listkit.receive(listkit.xlsx(rows, DEATHS), by=clerk, kind=ListKind.DEATHS, issuer="HEALTH")
    assert listkit.found(file) == [
        (2, "ENDED", "DIED"),
        (3, "CONTRADICTORY", "DEATH_DIFFERS"),
        (4, "CONTRADICTORY", "DEATH_BEFORE_BIRTH"),
        (5, "UNKNOWN", "PERSON_UNKNOWN"),
        (6, "ERROR", "DEATH_IN_FUTURE"),
    ]
    listkit.apply(file, by=supervisor)
    died.refresh_from_db()
    assert died.death_date == date(2025, 1, 10)
    assert Enrollment.objects.get(person=died).end_reason == "DEATH"
    listundo.undo(list_id=file.pk, reason="错", by=supervisor, at=listkit.AT)
    died.refresh_from_db()
    assert died.death_date is None
    live = Enrollment.objects.get(person=died, state="1")
    assert live.started_on == date(2024, 9, 1)


def test_checks_and_claims_tell_what_contradicts_and_change_nothing(clerk: User, supervisor: User) -> None:
    listed, bare = builders.make_person(name="李甲"), builders.make_person(name="李乙")
    builders.enrol(listed)
    PersonCategory.objects.create(person=listed, category="DIBAO", valid_from=date(2024, 1, 1))
    checks = [
        [1, listed.id_number, listed.name, "", "", "正常参保", "低保"],
        [2, bare.id_number, bare.name, "", "", "正常参保", ""],
        [3, bare.id_number, bare.name, "", "", "", "低保"],
    ]
    file = listkit.receive(listkit.xlsx(checks, CHECK), by=clerk, kind=ListKind.AID_CHECK, issuer="CIVIL")
    assert listkit.found(file) == [
        (3, "CONTRADICTORY", "STATE_DIFFERS"),
        (4, "CONTRADICTORY", "CATEGORY_MISSING"),
    ]
    claims = [
        [1, "", listed.name, listed.id_number, "低保", "400.00", "0.00", "400.00"],
        [2, "", bare.name, bare.id_number, "低保", "400.00", "0.00", "400.001"],
    ]
    file = listkit.receive(listkit.xlsx(claims, CLAIM), by=clerk, kind=ListKind.TAX_CLAIM, issuer="CIVIL")
    assert listkit.found(file) == [(3, "ERROR", "CELL_AMOUNT")]
    before = Change.objects.count()
    assert listkit.apply(file, by=supervisor).state == ListState.APPLIED
    assert Change.objects.count() == before
