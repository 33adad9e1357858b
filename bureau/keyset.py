"""Pages of long lists: by the last key seen, never by OFFSET, never counted (design: performance, reads at 10 million rows).

A cursor is the key of a row as text, its parts joined by "~". A page is taken first, as keys alone, and the rows with their
facts are fetched for those keys only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Q

SEPARATOR = "~"
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Slice:
    """One page: its rows' keys in order, and the cursors of the pages beside it (empty: there is none)."""

    keys: list[Any]
    before: str
    after: str


class BadCursor(ValueError):
    """A cursor that no page of ours wrote."""


def _value(field: models.Field[Any, Any], text: str) -> Any:
    if isinstance(field, models.DateField):
        return date.fromisoformat(text)
    if isinstance(field, models.IntegerField):
        number = int(text)
        if not -LARGEST <= number <= LARGEST:
            raise BadCursor(text)
        return number
    if len(text) > 100:
        raise BadCursor(text[:20])
    return text


@dataclass(frozen=True)
class Keyset:
    """A total order by ``fields`` of ``model``, the last one unique; ``descending`` turns all of them round."""

    model: type[models.Model]
    fields: tuple[str, ...]
    descending: bool = False

    def order(self, *, backwards: bool = False) -> list[str]:
        """The ORDER BY terms."""
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{name}" for name in self.fields]

    def cursor_of(self, values: Sequence[Any]) -> str:
        """The cursor of a row with these key values."""
        return SEPARATOR.join(
            value.isoformat() if isinstance(value, date) else str(value) for value in values
        )

    def read(self, cursor: str) -> list[Any]:
        """The key values of a cursor; raises BadCursor."""
        parts = cursor.split(SEPARATOR)
        if len(parts) != len(self.fields):
            raise BadCursor(cursor[:20])
        try:
            fields = [self.model._meta.get_field(name) for name in self.fields]
            return [_value(field, part) for field, part in zip(fields, parts, strict=True)]  # type: ignore[arg-type]
        except ValueError as error:
            raise BadCursor(cursor[:20]) from error

    def beyond(self, values: Sequence[Any], *, backwards: bool) -> Q:
        """The condition of the rows after (or, backwards, before) ``values`` in the order."""
        word = "lt" if self.descending != backwards else "gt"
        condition, equal = Q(), Q()
        for name, value in zip(self.fields, values, strict=True):
            condition |= equal & Q(**{f"{name}__{word}": value})
            equal &= Q(**{name: value})
        if len(self.fields) > 1:  # one plain bound, so that an index can be entered in the right place
            condition &= Q(**{f"{self.fields[0]}__{word}e": values[0]})
        return condition

    def page(
        self, branches: Sequence[models.QuerySet[Any]], size: int, *, after: str = "", before: str = ""
    ) -> Slice:
        """The page of ``size`` rows after or before a cursor, over the union of ``branches`` (disjoint querysets).

        Each branch is cut to one page by itself, so that each can use its own index range. Raises BadCursor.
        """
        backwards = bool(before) and not after
        bound = before if backwards else after
        beyond = self.beyond(self.read(bound), backwards=backwards) if bound else Q()
        order = self.order(backwards=backwards)
        cut = [
            branch.select_related(None).order_by(*order).filter(beyond).values_list(*self.fields)[: size + 1]
            for branch in branches
        ]
        found = cut[0] if len(cut) == 1 else cut[0].union(*cut[1:], all=True).order_by(*order)[: size + 1]
        rows = list(found)
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        has_next, has_previous = (True, more) if backwards else (more, bool(bound))
        return Slice(
            keys=[row[-1] for row in rows],
            before=self.cursor_of(rows[0]) if rows and has_previous else "",
            after=self.cursor_of(rows[-1]) if rows and has_next else "",
        )


class UncountedPaginator(Paginator):
    """For the admin's own choices: a page exists when it has rows; nothing is counted."""

    def page(self, number: Any) -> Page:
        """The rows of page ``number`` with one more, which says whether there is a next page."""
        try:
            wanted = max(1, min(int(number), 100))
        except (TypeError, ValueError):
            wanted = 1
        first = (wanted - 1) * self.per_page
        rows = list(self.object_list[first : first + self.per_page + 1])
        return _UncountedPage(rows, wanted, self)

    @property
    def count(self) -> int:
        """Unknown on purpose; a page's rows are what there is to say."""
        return 0

    @property
    def num_pages(self) -> int:
        """Unknown on purpose."""
        return 1


class _UncountedPage(Page):
    def __init__(self, rows: list[Any], number: int, paginator: Paginator) -> None:
        super().__init__(rows[: paginator.per_page], number, paginator)
        self._more = len(rows) > paginator.per_page

    def has_next(self) -> bool:
        """Whether a row was left over."""
        return self._more
