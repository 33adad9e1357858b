"""Lists of registrations: read, previewed, confirmed, applied, imported twice, taken back."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from bureau import access, proposals
from bureau.cells import safe_cell
from bureau.models import User
from bureau.sheets import refusals
from enrollment.models import (
    Change,
    ChangeKind,
    EmployeeSpell,
    Enrollment,
    HouseholdMember,
    ListFile,
    Person,
)
from enrollment.services import changes, listapply, listlines, listreading, lists, listundo, listwork
from enrollment.states import ListState
from tests import builders
from tests.bureau import sheetkit
from tests.enrollment import listkit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff: Callable[..., User]) -> User:
    return staff("clerk")


def test_good_rows_are_registered_and_a_second_import_changes_nothing(clerk: User) -> None:
    head, wife = builders.id_number(), builders.id_number()
    content = listkit.xlsx(
        [
            listkit.row(wife, "王芳", 户主证件号码=head, 与户主关系="配偶", 手机号码="13800000001"),
            listkit.row(head, "张三", 与户主关系="户主", 镇街="港城街道", 村居="城西村", 住址="一号"),
        ]
    )
    file = listkit.receive(content, by=clerk)
    assert (file.state, file.rows, file.tallies) == (ListState.READ, 2, {"NEW": 2, "SAME": 0})
    assert not Person.objects.filter(id_number=head).exists()
    file = listkit.apply(file, by=clerk)
    assert file.state == ListState.APPLIED
    husband, spouse = Person.objects.get(id_number=head), Person.objects.get(id_number=wife)
    assert (husband.name, husband.initials, husband.gender, spouse.phone) == (
        "张三",
        "zs",
        husband.gender,
        "13800000001",
    )
    assert {one.region_id for one in Enrollment.objects.filter(person__in=[husband, spouse])} == {
        builders.GUIGANG
    }
    members = HouseholdMember.objects.filter(person__in=[husband, spouse]).order_by("person_id")
    assert sorted((m.person_id, m.relation) for m in members) == sorted(
        [(husband.pk, "HEAD"), (spouse.pk, "SPOUSE")]
    )
    assert len({m.household_id for m in members}) == 1
    told = Change.objects.filter(person=husband).values_list("kind", "enrollment_id", "details__list")
    enrolment = Enrollment.objects.get(person=husband)
    assert list(told) == [("REGISTERED", enrolment.pk, file.pk)]

    again = listkit.receive(content, by=clerk)
    assert again.tallies == {"SAME": 2}
    before = Change.objects.count()
    assert listkit.apply(again, by=clerk).state == ListState.APPLIED
    assert Change.objects.count() == before


def test_fields_of_known_people_are_brought_up_to_date_and_undone(clerk: User) -> None:
    person = builders.make_person(name="李四", phone="13800000000")
    builders.enrol(person)
    file = listkit.receive(
        listkit.xlsx([listkit.row(person.id_number, 人员类别="老年居民", 手机号码=13900000000)]), by=clerk
    )
    assert listkit.found(file) == [(2, "UPDATED", "CHANGED")]
    file = listkit.apply(file, by=clerk)
    person.refresh_from_db()
    assert (person.phone, person.person_class, person.version) == ("13900000000", "1601", 1)
    assert Change.objects.get(person=person).details["person_class"] == ["1501", "1601"]


def test_s14_the_same_person_twice_is_in_error_on_both_lines(clerk: User) -> None:
    twice, once = builders.id_number(), builders.id_number()
    rows = [listkit.row(twice, "张三"), listkit.row(once, "李四"), listkit.row(twice, "张四")]
    file = listkit.receive(listkit.xlsx(rows), by=clerk)
    assert [line for line in listkit.found(file) if line[1] == "ERROR"] == [
        (2, "ERROR", "SAME_PERSON_TWICE"),
        (4, "ERROR", "SAME_PERSON_TWICE"),
    ]
    first = file.lines.get(line_no=2)
    assert listlines.sentence(first) == "The same person stands in lines 2, 4. Keep the right one."
    assert first.value == f"{twice[:6]}********{twice[-4:]}"
    listkit.apply(file, by=clerk)
    assert not Person.objects.filter(id_number=twice).exists()
    assert Person.objects.filter(id_number=once).exists()


def test_s15_who_is_enrolled_already_is_no_change(clerk: User) -> None:
    person = builders.make_person(name="李四")
    builders.enrol(person)
    file = listkit.receive(listkit.xlsx([listkit.row(person.id_number)]), by=clerk)
    assert (file.tallies, listkit.found(file)) == ({"SAME": 1}, [])
    assert listlines.counts(file) == {
        "rows": 1, "created": 0, "updated": 0, "ended": 0, "unchanged": 1, "errors": 0,
    }  # fmt: skip


def test_s16_s17_another_region_and_a_person_of_another_region(clerk: User) -> None:
    stranger = builders.make_person("110000", name="李四")
    header = (*listkit.HEADER, "统筹区")
    rows = [
        [*listkit.row(builders.id_number()), "110000"],
        [*listkit.row(stranger.id_number), ""],
        [*listkit.row(builders.id_number()), builders.GUIGANG],
    ]
    file = listkit.receive(listkit.xlsx(rows, header), by=clerk)
    assert listkit.found(file) == [
        (2, "ERROR", "NOT_IN_YOUR_REGION"),
        (3, "ERROR", "NOT_IN_YOUR_REGION"),
        (4, "NEW", "REGISTERED"),
    ]
    for line in file.lines.filter(outcome="ERROR"):
        assert listlines.sentence(line) == "This line does not belong to your region."
        assert (line.person_id, line.before) == (None, None)


def test_what_a_list_may_not_change_is_contradictory(clerk: User) -> None:
    renamed, hired = builders.make_person(name="李四"), builders.make_person(name="李四")
    dead = builders.make_person(name="李四", death_date=date(2024, 5, 1))
    EmployeeSpell.objects.create(person=hired, started_on=date(2024, 1, 1))
    rows = [listkit.row(renamed.id_number, "李五"), listkit.row(dead.id_number), listkit.row(hired.id_number)]
    file = listkit.receive(listkit.xlsx(rows), by=clerk)
    assert [(line.code, listlines.sentence(line)) for line in file.lines.order_by("line_no")] == [
        ("NAME_DIFFERS", "The register has the name 李*. Correct the list, or open a correction case."),
        ("PERSON_DEAD", "The register says this person died on 2024-05-01."),
        (
            "EMPLOYEE_ACTIVE",
            "Employee cover is running since 2024-01-01: it must be stopped before resident cover can begin.",
        ),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"证件号码": "450802199008150014"}, "证件号码", "id_check_digit"),
        ({"证件号码": "4508021990081500"}, "证件号码", "id_length"),
        ({"人员类别": "外星人"}, "人员类别", "CELL_CHOICE"),
        ({"证件类型": "图书证"}, "证件类型", "CELL_CHOICE"),
        ({"出生日期": "1970-01-01"}, "出生日期", "PERSON_BIRTH_DIFFERS"),
        ({"户主证件号码": "450802199008150014"}, "户主证件号码", "id_check_digit"),
        ({"姓名": ""}, "姓名", "CELL_EMPTY"),
        ({"证件类型": "护照", "证件号码": "E12345678"}, "出生日期", "PERSON_BIRTH_MISSING"),
    ],
)
def test_a_line_in_error_names_its_column_and_the_others_go_on(
    clerk: User, cells: dict[str, Any], column: str, code: str
) -> None:
    fine = builders.id_number()
    rows = [listkit.row(builders.id_number(), **cells), listkit.row(fine, "王五")]
    file = listkit.receive(listkit.xlsx(rows), by=clerk)
    (line,) = file.lines.filter(outcome="ERROR")
    assert (line.line_no, line.column, line.code) == (2, column, code)
    assert listlines.sentence(line) != code
    listkit.apply(file, by=clerk)
    assert Person.objects.get(id_number=fine).name == "王五"


def test_old_numbers_and_lower_case_are_normalised(clerk: User) -> None:
    rows = [listkit.row("110105491231002", "张三"), listkit.row("360426199101010071", "李四")]
    file = listkit.receive(listkit.csv(rows), name="list.csv", by=clerk)
    listkit.apply(file, by=clerk)
    old = Person.objects.get(id_alias="110105491231002")
    assert (old.id_number, old.birth_date) == ("11010519491231002X", date(1949, 12, 31))
    again = listkit.receive(listkit.csv([listkit.row("11010519491231002x", "张三")]), name="a.csv", by=clerk)
    assert again.tallies == {"SAME": 1}


def test_s22_names_like_formulas_are_stored_and_leave_as_text(clerk: User) -> None:
    names = ["=HYPERLINK(1)", "+cmd", "@SUM", "==1+1", "\tcmd", "\rcmd", "＝1+1", "-2+3"]
    numbers = [builders.id_number() for _ in names]
    rows = [listkit.row(number, name) for number, name in zip(numbers, names, strict=True)]
    file = listkit.receive(listkit.csv(rows), name="a.csv", by=clerk)
    assert file.tallies == {"NEW": 8, "SAME": 0}
    listkit.apply(file, by=clerk)
    for number in numbers:
        stored = Person.objects.get(id_number=number).name
        assert safe_cell(stored) == (f"'{stored}" if stored[0] in "=+@-" else stored)


def test_hidden_rows_need_a_second_person_however_few(clerk: User, staff: Callable[..., User]) -> None:
    content = sheetkit.edited(
        listkit.xlsx([listkit.row(builders.id_number())]), sheet=('<row r="2"', '<row r="2" hidden="1"')
    )
    file = listkit.receive(content, by=clerk)
    assert (file.state, file.second_person) == (ListState.READ, True)
    with pytest.raises(proposals.SecondPersonNeeded):
        lists.confirm(list_id=file.pk, by=_supervising(clerk), at=listkit.AT)
    assert listkit.apply(file, by=staff("supervisor")).state == ListState.APPLIED


def _supervising(user: User) -> User:
    user.groups.set(Group.objects.filter(name="supervisor"))
    return User.objects.get(pk=user.pk)


def test_more_than_500_rows_need_a_second_person(clerk: User, staff: Callable[..., User]) -> None:
    rows = [listkit.row(builders.id_number(date(1950 + n // 900, 1, 1), order=n % 900)) for n in range(501)]
    file = listkit.receive(listkit.csv(rows), name="a.csv", by=clerk)
    assert file.second_person
    with pytest.raises(access.NotAllowed):
        lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    assert listkit.apply(file, by=staff("supervisor")).tallies == {"NEW": 501, "SAME": 0}


def test_several_sheets_wait_for_a_choice(clerk: User) -> None:
    good = [listkit.HEADER, listkit.row(builders.id_number())]
    file = listkit.receive(listkit.xlsx([["x"]], ["说明"], 名单=good), by=clerk)
    assert (file.state, [one["name"] for one in file.sheets]) == (ListState.HELD, ["Sheet", "名单"])
    with pytest.raises(refusals.SheetUnknown):
        lists.choose_sheet(list_id=file.pk, sheet="别的", by=clerk, at=listkit.AT)
    lists.choose_sheet(list_id=file.pk, sheet="名单", by=clerk, at=listkit.AT)
    assert lists.process(list_id=file.pk, at=listkit.AT).tallies == {"NEW": 1, "SAME": 0}


def test_a_refused_list_says_why_and_leaves_nothing(clerk: User, staff: Callable[..., User]) -> None:
    file = listkit.receive(b"%PDF-1.7", by=clerk)
    assert (file.state, file.reasons[0]["code"], file.rows) == (ListState.REJECTED, "SHEET_FORMAT", 0)
    with pytest.raises(listwork.ListNotWaiting):
        lists.confirm(list_id=file.pk, by=staff("supervisor"), at=listkit.AT)


def test_s20_a_file_changed_after_its_preview_is_not_applied(clerk: User) -> None:
    file = listkit.receive(listkit.xlsx([listkit.row(builders.id_number())]), by=clerk)
    path = listreading.path_of(file)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(lists.ListAltered) as caught:
        lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    assert str(caught.value) == f"The stored file of list {file.pk} was changed or is gone. Upload it again."
    assert ListFile.objects.get(pk=file.pk).state == ListState.READ


def test_who_changed_meanwhile_is_left_alone_and_told(clerk: User) -> None:
    known, fresh = builders.make_person(name="李四", phone="1"), builders.id_number()
    builders.enrol(known)
    rows = [
        listkit.row(known.id_number, 手机号码="13900000000"),
        listkit.row(fresh, "王五"),
        listkit.row(builders.id_number()),
    ]
    file = listkit.receive(listkit.xlsx(rows), by=clerk)
    Person.objects.filter(pk=known.pk).update(phone="2", version=1)
    other = builders.make_person(name="王五", id_number=fresh)
    file = listkit.apply(file, by=clerk)
    known.refresh_from_db()
    assert (known.phone, file.tallies) == ("2", {"CONTRADICTORY": 2, "NEW": 1, "SAME": 0})
    assert not Enrollment.objects.filter(person=other).exists()


def test_a_list_of_another_region_is_not_received(clerk: User) -> None:
    with pytest.raises(lists.ListRegionUnknown):
        lists.receive(
            source=io.BytesIO(b"x"),
            name="a.csv",
            kind="REGISTER",
            region_id="110000",
            by=clerk,
            at=listkit.AT,
        )


def test_a_stopped_list_goes_on_where_it_was(clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listapply, "CHUNK", 2)
    numbers = [builders.id_number() for _ in range(5)]
    file = listkit.receive(listkit.xlsx([listkit.row(number) for number in numbers]), by=clerk)
    lists.confirm(list_id=file.pk, by=clerk, at=listkit.AT)
    ListFile.objects.filter(pk=file.pk).update(stop_wanted=True)
    file = lists.process(list_id=file.pk, at=listkit.AT)
    assert (file.state, Person.objects.filter(id_number__in=numbers).count()) == (ListState.STOPPED, 0)
    lists.resume(list_id=file.pk, by=clerk, at=listkit.AT)
    assert lists.process(list_id=file.pk, at=listkit.AT).state == ListState.APPLIED
    assert Person.objects.filter(id_number__in=numbers).count() == 5


def test_a_list_is_taken_back_as_a_whole(clerk: User) -> None:
    known = builders.make_person(name="李四", phone="13800000000")
    builders.enrol(known)
    head = builders.id_number()
    rows = [
        listkit.row(known.id_number, 手机号码="13900000000", 户主证件号码=head, 与户主关系="配偶"),
        listkit.row(head, "张三", 与户主关系="户主"),
    ]
    file = listkit.apply(listkit.receive(listkit.xlsx(rows), by=clerk), by=clerk)
    assert HouseholdMember.objects.filter(left_on=None).count() == 2
    listundo.undo(list_id=file.pk, reason="错误的名单", by=clerk, at=listkit.AT)
    known.refresh_from_db()
    fresh = Person.objects.get(id_number=head)
    assert known.phone == "13800000000"
    assert Enrollment.objects.get(person=known).state == "1"
    ended = Enrollment.objects.get(person=fresh)
    assert (ended.state, ended.end_reason) == ("4", "MISTAKE")
    assert not HouseholdMember.objects.filter(left_on=None).exists()
    assert set(Change.objects.filter(kind="UNDONE").values_list("person_id", flat=True)) == {
        known.pk,
        fresh.pk,
    }
    again = listkit.receive(listkit.xlsx(rows), by=clerk)
    assert again.tallies == {"NEW": 1, "UPDATED": 1, "SAME": 0}


def test_taking_back_is_refused_where_something_rests_on_it(clerk: User) -> None:
    number = builders.id_number()
    file = listkit.apply(listkit.receive(listkit.xlsx([listkit.row(number)]), by=clerk), by=clerk)
    person = Person.objects.get(id_number=number)
    changes.record(
        kind=ChangeKind.SUSPENDED, person_id=person.pk, region_id=builders.GUIGANG, on=date(2025, 1, 20), by=clerk,
        at=listkit.AT + timedelta(days=5),
    )  # fmt: skip
    with pytest.raises(listundo.ListRested) as caught:
        listundo.undo(list_id=file.pk, reason="错", by=clerk, at=listkit.AT + timedelta(days=6))
    assert caught.value.params["person"] == person.pk
    assert (caught.value.params["name"], caught.value.params["line"]) == ("李*", 2)
    assert Enrollment.objects.get(person=person).state == "1"
