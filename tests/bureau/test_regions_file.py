"""The region table we ship: complete, a tree, and never short of a code an old ID number may hold."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

import bureau
from bureau.identity import IdWarning, check_digit, check_id

PATH = Path(bureau.__file__).parent / "fixtures" / "regions.csv"


@pytest.fixture(scope="module")
def regions() -> dict[str, dict[str, str]]:
    with PATH.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def test_the_file_is_sorted_utf8_with_plain_line_ends(regions: dict[str, dict[str, str]]) -> None:
    text = PATH.read_bytes().decode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n")
    codes = [line.split(",")[0] for line in text.splitlines()[1:]]
    assert codes == sorted(set(codes))
    assert len(codes) == len(regions)
    assert text.splitlines()[0] == "code,name,level,parent,valid_from,valid_to,online_enabled"


def test_every_row_is_well_formed(regions: dict[str, dict[str, str]]) -> None:
    for code, row in regions.items():
        assert len(code) == 6, row
        assert code.isascii(), row
        assert code.isdigit(), row
        assert row["name"].strip() == row["name"] != "", row
        assert row["level"] in {"1", "2", "3"}, row
        assert row["online_enabled"] in {"true", "false"}, row
        spell = [date.fromisoformat(row[edge]) if row[edge] else None for edge in ("valid_from", "valid_to")]
        assert None in spell or spell[0] < spell[1], row  # type: ignore[operator]


def test_the_table_is_a_tree(regions: dict[str, dict[str, str]]) -> None:
    for code, row in regions.items():
        if row["level"] == "1":
            assert row["parent"] == "", row
            assert code.endswith("0000"), row
            continue
        parent = regions[row["parent"]]
        assert int(parent["level"]) < int(row["level"]), row
        assert parent["code"][:2] == code[:2], row
        assert not (parent["valid_to"] and not row["valid_to"]), row


def test_all_divisions_of_today_are_there(regions: dict[str, dict[str, str]]) -> None:
    in_force = [row for row in regions.values() if not row["valid_to"]]
    assert sum(row["level"] == "1" for row in in_force) == 34
    assert sum(row["level"] == "2" for row in in_force) == 333
    assert sum(row["level"] == "3" for row in in_force) > 2840


@pytest.mark.parametrize(
    ("code", "name", "parent"),
    [
        ("110000", "北京市", ""),
        ("110105", "朝阳区", "110000"),
        ("150000", "内蒙古自治区", ""),
        ("150100", "呼和浩特市", "150000"),
        ("350000", "福建省", ""),
        ("360000", "江西省", ""),
        ("420000", "湖北省", ""),
        ("440000", "广东省", ""),
        ("510000", "四川省", ""),
        ("510100", "成都市", "510000"),
        ("520000", "贵州省", ""),
        ("450800", "贵港市", "450000"),
        ("450802", "港北区", "450800"),
        ("450803", "港南区", "450800"),
        ("450804", "覃塘区", "450800"),
        ("450821", "平南县", "450800"),
        ("450881", "桂平市", "450800"),
        ("429004", "仙桃市", "420000"),
        ("441900", "东莞市", "440000"),
    ],
)
def test_known_regions(regions: dict[str, dict[str, str]], code: str, name: str, parent: str) -> None:
    assert (regions[code]["name"], regions[code]["parent"], regions[code]["valid_to"]) == (name, parent, "")


def test_three_counties_cannot_pay_online(regions: dict[str, dict[str, str]]) -> None:
    off = {code for code, row in regions.items() if row["online_enabled"] == "false"}
    assert off == {"450881", "450821", "450804"}


def test_a_revoked_county_keeps_its_row(regions: dict[str, dict[str, str]]) -> None:
    row = regions["110103"]
    assert (row["name"], row["valid_to"]) == ("崇文区", "2011-01-01")  # merged into Dongcheng in 2010


def test_the_table_tells_which_regions_of_id_numbers_are_known(regions: dict[str, dict[str, str]]) -> None:
    assert check_id("01", "450802199008150013", known_regions=regions).warnings == ()
    nowhere = "45990219900815001"
    facts = check_id("01", nowhere + check_digit(nowhere), known_regions=regions)
    assert facts.warnings == (IdWarning.UNKNOWN_REGION,)
