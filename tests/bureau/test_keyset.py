"""Cursors that people could tamper with, and pages that fit together."""

from datetime import date

import pytest

from bureau.keyset import BadCursor, Keyset, UncountedPaginator
from bureau.models import Region, Workday

DAYS = Keyset(Workday, ("day",))
REGIONS = Keyset(Region, ("level", "code"))


@pytest.mark.parametrize("cursor", ["", "x", "2025-13-01", "2025-01-01~1", "2025-01-01 "])
def test_a_cursor_that_we_did_not_write_is_refused(cursor: str) -> None:
    """Never an error of the database."""
    with pytest.raises(BadCursor):
        DAYS.read(cursor)


@pytest.mark.parametrize("cursor", ["99999999999999999999~110000", "1", "1~" + "1" * 101, "x~1"])
def test_parts_of_a_cursor_are_bounded(cursor: str) -> None:
    """Numbers beyond bigint and long texts are refused."""
    with pytest.raises(BadCursor):
        REGIONS.read(cursor)


def test_a_cursor_reads_back() -> None:
    """What is written is read."""
    assert DAYS.read(DAYS.cursor_of([date(2025, 1, 28)])) == [date(2025, 1, 28)]
    assert REGIONS.read(REGIONS.cursor_of([2, "450800"])) == [2, "450800"]


def _walk(keyset: Keyset, branches: list, size: int) -> list:  # type: ignore[type-arg]
    found, after = [], ""
    while True:
        taken = keyset.page(branches, size, after=after)
        found += taken.keys
        if not taken.after:
            return found
        after = taken.after


@pytest.mark.parametrize("size", [1, 2, 7, 50])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_hold_every_row_once(db: None, size: int, descending: bool) -> None:
    """A composite key, some rows equal in its first part, cut into branches as a list by region is."""
    keyset = Keyset(Region, ("level", "code"), descending)
    rows = Region.objects.filter(code__startswith="4508")
    branches = [rows.filter(level=level) for level in (1, 2, 3)]
    order = ["-level", "-code"] if descending else ["level", "code"]
    assert _walk(keyset, branches, size) == list(rows.order_by(*order).values_list("pk", flat=True))
    assert _walk(keyset, [rows], size) == _walk(keyset, branches, size)


def test_going_back_gives_the_page_before(db: None) -> None:
    """From the second page back to the first, which has none before it."""
    rows = [Region.objects.filter(code__startswith="45")]
    first = REGIONS.page(rows, 5)
    second = REGIONS.page(rows, 5, after=first.after)
    back = REGIONS.page(rows, 5, before=second.before)
    assert (back.keys, back.before, back.after) == (first.keys, "", first.after)
    assert first.before == ""


def test_an_empty_list_has_no_neighbours(db: None) -> None:
    """No rows, no cursors."""
    taken = REGIONS.page([Region.objects.none()], 5)
    assert (taken.keys, taken.before, taken.after) == ([], "", "")


def test_the_paginator_counts_nothing(db: None, django_assert_num_queries: object) -> None:
    """A page and the question whether there is another: one query."""
    pages = UncountedPaginator(Region.objects.order_by("code"), 20)
    with django_assert_num_queries(1):  # type: ignore[operator]
        page = pages.page("2")
        assert (len(page.object_list), page.has_next(), page.number) == (20, True, 2)
    assert pages.page("x").number == 1
