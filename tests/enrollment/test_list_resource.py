"""Lists read through django-import-export say exactly what the streaming reader says of them."""

from dataclasses import replace
from pathlib import Path

import pytest
import tablib

from bureau.sheets import refusals
from bureau.sheets.limits import IN_A_REQUEST
from bureau.sheets.reader import open_list
from enrollment import resources
from enrollment.models import Issuer, ListKind
from enrollment.services import listlayouts
from enrollment.services.listlayouts import LAYOUTS, Setting, Staged, Wrong
from enrollment.services.listreading import judge_each
from tests import builders
from tests.enrollment import listkit

SETTING = Setting(today=listkit.AT.date(), month=listkit.AT.date().replace(day=1), issuer=Issuer.BUREAU.value)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Two good rows, one with a bad check digit, one without a name, one with a class that nobody knows."""
    good = builders.id_number()
    wrong = good[:-1] + ("1" if good[-1] != "1" else "2")
    path = tmp_path / "list.xlsx"
    path.write_bytes(
        listkit.xlsx(
            [
                listkit.row(good, "张三", 手机号码="13800000001"),
                listkit.row(wrong),
                listkit.row(builders.id_number(), ""),
                listkit.row(builders.id_number(), "王五"),
                listkit.row(builders.id_number(), 人员类别="神仙"),
            ]
        )
    )
    return path


def test_both_ways_say_the_same(mixed: Path) -> None:
    found = []
    for judge in (judge_each, resources.judge):
        with open_list(mixed, layout=LAYOUTS[ListKind.REGISTER], limits=IN_A_REQUEST) as opened:
            found.append([one for _row, one in judge(opened.rows, ListKind.REGISTER, SETTING)])
    assert found[0] == found[1]
    assert [one.line for one in found[0]] == [2, 3, 4, 5, 6]
    assert [one.name for one in found[0] if isinstance(one, Staged)] == ["张三", "王五"]
    assert [(one.line, one.column) for one in found[0] if isinstance(one, Wrong)] == [
        (3, "证件号码"),
        (4, "姓名"),
        (6, "人员类别"),
    ]


def test_the_library_names_invalid_rows_by_their_column(mixed: Path) -> None:
    with open_list(mixed, layout=LAYOUTS[ListKind.REGISTER], limits=IN_A_REQUEST) as opened:
        dataset = resources.JudgedRows(LAYOUTS[ListKind.REGISTER]).create_dataset(opened.rows)
    assert isinstance(dataset, tablib.Dataset)
    result = resources.ListResource(ListKind.REGISTER, SETTING).import_data(dataset)
    assert (result.total_rows, result.totals["new"], result.totals["invalid"]) == (5, 2, 3)
    assert [set(row.field_specific_errors) for row in result.invalid_rows] == [
        {"证件号码"},
        {"姓名"},
        {"人员类别"},
    ]


def test_a_list_that_is_too_long_is_refused_as_a_whole(mixed: Path) -> None:
    limits = replace(IN_A_REQUEST, rows=3)
    with (
        pytest.raises(refusals.SheetRows),
        open_list(mixed, layout=LAYOUTS[ListKind.REGISTER], limits=limits) as opened,
    ):
        list(resources.judge(opened.rows, ListKind.REGISTER, SETTING))


def test_a_mistake_of_ours_is_not_told_as_one_of_the_list(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(listlayouts, "prepare", broken)
    with (
        open_list(mixed, layout=LAYOUTS[ListKind.REGISTER], limits=IN_A_REQUEST) as opened,
        pytest.raises(ZeroDivisionError),
    ):
        list(resources.judge(opened.rows, ListKind.REGISTER, SETTING))
