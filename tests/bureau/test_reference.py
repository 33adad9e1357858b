"""The reference data that a fresh database has."""

import csv
from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from bureau.access import Role
from bureau.models import Region, Workday
from bureau.reference import (
    REGION_COLUMNS,
    REGIONS,
    WORKDAY_COLUMNS,
    WORKDAYS,
    ReferenceRowInvalid,
    RegionRow,
    WorkdayRow,
    read_regions,
    read_workdays,
)
from payments.files.resultcodes import CODE_SETS, match_code
from payments.files.resultcodes import CodeRow as Row
from payments.files.resultcodes import ResultCode as Meaning
from payments.models import BankProfile, ResultCode


def written(tmp_path: Path, *rows: tuple[str, ...]) -> Path:
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_region_is_read_with_its_period(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        REGION_COLUMNS,
        ("110000", "北京市", "1", "", "", "", "true"),
        ("110103", "崇文区", "3", "110000", "1980-01-01", "2011-01-01", "false"),
    )
    assert list(read_regions(path)) == [
        RegionRow("110000", "北京市", 1, "", None, None, True),
        RegionRow("110103", "崇文区", 3, "110000", date(1980, 1, 1), date(2011, 1, 1), False),
    ]


def test_a_day_is_read_with_its_note(tmp_path: Path) -> None:
    path = written(tmp_path, WORKDAY_COLUMNS, ("2025-01-26", "1", "调休上班"), ("2025-01-28", "0", "春节"))
    assert list(read_workdays(path)) == [
        WorkdayRow(date(2025, 1, 26), True, "调休上班"),
        WorkdayRow(date(2025, 1, 28), False, "春节"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        ("110000", "北京市", "1", "", "", "true"),
        ("110000", "北京市", "one", "", "", "", "true"),
        ("110000", "北京市", "1", "", "2011-13-01", "", "true"),
        ("110000", "北京市", "1", "", "", "", "yes"),
    ],
)
def test_a_region_that_cannot_be_read_stops_the_reading(tmp_path: Path, row: tuple[str, ...]) -> None:
    path = written(tmp_path, REGION_COLUMNS, ("120000", "天津市", "1", "", "", "", "true"), row)
    with pytest.raises(ReferenceRowInvalid) as caught:
        list(read_regions(path))
    assert caught.value.params == {"file": "table.csv", "line": 3}


@pytest.mark.parametrize("row", [("2025-02-30", "1", ""), ("2025-02-28", "true", ""), ("2025-02-28", "1")])
def test_a_day_that_cannot_be_read_stops_the_reading(tmp_path: Path, row: tuple[str, ...]) -> None:
    with pytest.raises(ReferenceRowInvalid):
        list(read_workdays(written(tmp_path, WORKDAY_COLUMNS, row)))


@pytest.mark.parametrize("heading", [(), ("code", "name")])
def test_another_heading_stops_the_reading(tmp_path: Path, heading: tuple[str, ...]) -> None:
    with pytest.raises(ReferenceRowInvalid) as caught:
        list(read_regions(written(tmp_path, heading)))
    assert caught.value.params["line"] == 1


# ------------------------------------------------------------------------------------ in the database


@pytest.mark.django_db
def test_every_role_has_its_group() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= {role.value for role in Role}


@pytest.mark.django_db
def test_the_regions_are_those_of_the_table() -> None:
    columns = ("code", "name", "level", "parent_id", "valid_from", "valid_to", "online_enabled")
    stored = Region.objects.order_by("code").values_list(*columns)
    wanted = [
        (row.code, row.name, row.level, row.parent or None, row.valid_from, row.valid_to, row.online_enabled)
        for row in read_regions(REGIONS)
    ]
    assert list(stored) == wanted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "name", "parent", "online"),
    [
        ("450000", "广西壮族自治区", None, True),
        ("450800", "贵港市", "450000", True),
        ("450802", "港北区", "450800", True),
        ("450803", "港南区", "450800", True),
        ("450804", "覃塘区", "450800", False),
        ("450821", "平南县", "450800", False),
        ("450881", "桂平市", "450800", False),
        ("510100", "成都市", "510000", True),
    ],
)
def test_regions_that_the_sources_name(code: str, name: str, parent: str | None, online: bool) -> None:
    region = Region.objects.get(pk=code)
    assert (region.name, region.parent_id, region.online_enabled) == (name, parent, online)


@pytest.mark.django_db
def test_the_calendar_is_that_of_the_table() -> None:
    stored = Workday.objects.order_by("day").values_list("day", "is_workday", "note")
    assert list(stored) == [(row.day, row.is_workday, row.note) for row in read_workdays(WORKDAYS)]


@pytest.mark.django_db
def test_the_agricultural_bank_ships() -> None:
    bank = BankProfile.objects.get(pk="103")
    assert (bank.name, bank.layout, bank.encoding, bank.code_set) == ("中国农业银行", "A", "GB18030", "AIPG")
    assert (bank.debit_days, bank.max_lines) == (3, 5_000_000)


@pytest.mark.django_db
@pytest.mark.parametrize("code_set", sorted(CODE_SETS))
def test_stored_codes_mean_what_the_shipped_table_says(code_set: str) -> None:
    stored = [
        Row(row.code, row.pattern, Meaning(row.internal), row.priority)
        for row in ResultCode.objects.filter(code_set=code_set).order_by("id")
    ]
    shipped = CODE_SETS[code_set]
    assert len(stored) == len(shipped)
    for row in shipped:
        assert match_code(stored, row.code, row.text_pattern) == match_code(
            shipped, row.code, row.text_pattern
        )
    assert match_code(stored, "0000", "交易成功") == (Meaning.OK if code_set == "AIPG" else None)
