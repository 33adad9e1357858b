"""Policy files: {"policies": [row, ...]}, each row the terms of a region and year, its key and its source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bureau.errors import BureauError, gettext_noop, render
from enrollment.policy import PolicyError, Terms
from enrollment.termfields import REGION_CODE

#: What a row says about itself; everything else in it is a term.
DESCRIPTION = ("key", "region", "benefit_year", "version", "mark", "note")
_LENGTHS = {"key": 20, "mark": 40, "note": 500}


class PolicyFileError(BureauError):
    """A policy file, or a row of it, that cannot be read; `params["key"]` names the row if there is one."""

    code = "policy_file_invalid"
    message = gettext_noop("The policy file cannot be read: %(reason)s")


class PolicyRowError(PolicyFileError):
    code = "policy_row_invalid"
    message = gettext_noop("Policy %(key)s: %(reason)s")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One version of a region's terms for a year, as a file brings it."""

    key: str
    region: str
    benefit_year: int
    version: int
    mark: str
    note: str
    terms: Terms


def _unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise PolicyFileError(reason=f"the key {key} stands twice in one object")
        found[key] = value
    return found


def parse_policies(text: str) -> list[PolicyRow | PolicyRowError]:
    """Read a policy file; a row that is not valid stands as its error, so that the others can still be used.

    Raises PolicyFileError where the file as a whole is not a policy file.
    """
    try:
        document = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique_object)
    except (ValueError, RecursionError) as error:
        raise PolicyFileError(reason=f"it is not JSON ({error})") from None
    rows = document.get("policies") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise PolicyFileError(reason="it has no list of policies")
    read = [_read_row(row, number) for number, row in enumerate(rows, start=1)]
    return list(_refuse_repeats(read))


def read_policies(text: str) -> list[PolicyRow]:
    """Read a policy file in which every row is valid; raises PolicyFileError for the first that is not."""
    rows: list[PolicyRow] = []
    for row in parse_policies(text):
        if isinstance(row, PolicyRowError):
            raise row
        rows.append(row)
    return rows


def _read_row(row: Any, number: int) -> PolicyRow | PolicyRowError:
    if not isinstance(row, dict):
        return PolicyRowError(key=f"no. {number}", reason="it is not a JSON object")
    key = row.get("key")
    name = key if isinstance(key, str) and key else f"no. {number}"
    for field in ("key", "region"):
        if not isinstance(row.get(field), str) or not row[field]:
            return PolicyRowError(key=name, reason=f"{field} must be a text")
    for field, length in _LENGTHS.items():
        if not isinstance(row.get(field, ""), str) or len(row.get(field, "")) > length:
            return PolicyRowError(key=name, reason=f"{field} must be a text of at most {length} characters")
    if REGION_CODE.fullmatch(row["region"]) is None:
        return PolicyRowError(key=name, reason="region must be a code of six digits")
    year, version = row.get("benefit_year"), row.get("version", 1)
    if not isinstance(year, int) or isinstance(year, bool):
        return PolicyRowError(key=name, reason="benefit_year must be a whole number")
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= 32767:
        return PolicyRowError(key=name, reason="version must be a whole number from 1 on")
    try:
        terms = Terms.from_dict({k: v for k, v in row.items() if k not in DESCRIPTION}, benefit_year=year)
    except PolicyError as error:
        return PolicyRowError(key=name, reason=render(error))
    return PolicyRow(name, row["region"], year, version, row.get("mark", ""), row.get("note", ""), terms)


def _refuse_repeats(rows: Iterable[PolicyRow | PolicyRowError]) -> Iterable[PolicyRow | PolicyRowError]:
    keys: set[str] = set()
    versions: set[tuple[str, int, int]] = set()
    for row in rows:
        if isinstance(row, PolicyRow):
            version = (row.region, row.benefit_year, row.version)
            if row.key in keys or version in versions:
                yield PolicyRowError(
                    key=row.key, reason="its key, or its region, year and version, stand in the file twice"
                )
                continue
            keys.add(row.key)
            versions.add(version)
        yield row
