"""What the desk's pages are made of: facts, tables, badges, bars. Values only; templates/desk/parts draw them.

Every text that comes from outside passes format_html or a template, never mark_safe.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

NOTHING = "–"
RIGHT = "right"
_TONES = {
    "info": "bg-blue-100 text-blue-700 dark:bg-blue-500/20 dark:text-blue-400",
    "danger": "bg-red-100 text-red-700 dark:bg-red-500/20 dark:text-red-400",
    "warning": "bg-orange-100 text-orange-700 dark:bg-orange-500/20 dark:text-orange-400",
    "success": "bg-green-100 text-green-700 dark:bg-green-500/20 dark:text-green-400",
    "primary": "bg-primary-100 text-primary-700 dark:bg-primary-500/20 dark:text-primary-400",
    "violet": "desk-violet",
    "": "bg-base-500/8 text-base-700 dark:bg-base-500/20 dark:text-base-200",
}


def badge(text: object, tone: str = "") -> SafeString:
    """A short coloured label; ``tone``: info, success, warning, danger, primary, violet or nothing."""
    return format_html(
        '<span class="inline-block font-semibold rounded-default text-[11px] whitespace-nowrap h-6 leading-6 px-2 {}">'
        "{}</span>",
        _TONES[tone],
        text,
    )


def link(text: object, url: str) -> SafeString:
    """A link inside a table or a fact."""
    return format_html('<a class="desk-link" href="{}">{}</a>', url, text)


def small(text: object) -> SafeString:
    """A second line in a cell, in small type."""
    return format_html('<span class="desk-small">{}</span>', text)


def money(value: Decimal | None) -> str:
    """Yuan for eyes: 1,234.50."""
    return NOTHING if value is None else f"{value:,.2f}"


def amount(text: object) -> str:
    """Yuan that a report or header stores as text, for eyes; anything that is no amount as it is."""
    try:
        return money(Decimal(str(text)))
    except InvalidOperation:
        return str(text)


def count(number: int | None) -> str:
    """A number of things for eyes: 1,234."""
    return NOTHING if number is None else f"{number:,}"


def day(value: date | None) -> str:
    """A day as everywhere in the bureau: 2025-01-15."""
    return NOTHING if value is None else value.isoformat()


def moment(value: datetime | None) -> str:
    """A moment in Beijing time, to the minute."""
    return NOTHING if value is None else f"{localtime(value):%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Fact:
    """A labelled value; ``wide`` takes the whole line."""

    label: Any
    value: Any
    wide: bool = False


@dataclass(frozen=True)
class Column:
    """A table's column; amounts and counts stand on the right."""

    label: Any
    align: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under a title; ``empty`` is the sentence shown instead of no rows, ``link`` a (text, url) beside the title."""

    title: Any
    columns: Sequence[Column | Any]
    rows: Sequence[Sequence[Any]]
    empty: Any = ""
    note: Any = ""
    link: tuple[Any, str] | None = None
    anchor: str = ""

    @property
    def heads(self) -> list[Column]:
        """The columns, plain labels made into columns."""
        return [column if isinstance(column, Column) else Column(column) for column in self.columns]

    @property
    def lines(self) -> list[list[tuple[Any, str]]]:
        """Each row's cells with their alignment."""
        aligns = [head.align for head in self.heads]
        return [list(zip(row, aligns, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Part:
    """One part of a stacked bar, with its numbers."""

    label: Any
    number: int
    tone: str
    amount: Decimal | None = None
    extra: Any = ""
    url: str = ""


@dataclass(frozen=True)
class Bar:
    """Parts of a whole side by side; a part that exists is never thinner than half a percent."""

    parts: Sequence[Part]

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(part.number for part in self.parts)

    @property
    def widths(self) -> list[tuple[Part, str]]:
        """Each part that is not empty with its width in percent."""
        total = self.total
        return [(part, f"{max(part.number / total * 100, 0.5):.2f}") for part in self.parts if part.number]


@dataclass(frozen=True)
class Choice:
    """A shortcut above a list: a filter that is one click away."""

    label: Any
    url: str
    active: bool
    number: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture to look at closely, or a document to fetch (``is_picture`` False); ``when`` and ``who`` brought it."""

    url: str
    label: Any
    name: str
    is_picture: bool
    when: str = ""
    who: str = ""


def pictures(rows: Iterable[Any], labels: Mapping[str, Any] | None = None) -> list[Picture]:
    """Attachments as pictures; ``labels`` says what their kinds are called."""
    return [
        Picture(
            url=reverse("desk:attachment", args=[row.pk]),
            label=(labels or {}).get(row.kind, row.name),
            name=row.name,
            is_picture=row.content_type.startswith("image/"),
            when=moment(row.uploaded_at),
            who=row.uploaded_by.get_full_name() or row.uploaded_by.username if row.uploaded_by else "",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Detail:
    """A read-only page about one row."""

    title: str
    facts: Sequence[Fact]
    tables: Sequence[Table] = ()
    badges: Sequence[SafeString] = ()
    notices: Sequence[Any] = ()
    bar: Bar | None = None
    extra: dict[str, Any] = field(default_factory=dict)
