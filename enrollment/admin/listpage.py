"""What the page of a list shows: its outcomes as a bar, the lines to look at, the preview, and what a second person confirms."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bureau import differences
from bureau.identity import mask_id, mask_name
from bureau.models import Proposal
from bureau.pages import NOTHING, RIGHT, Bar, Column, Part, Table, badge, count
from enrollment.models import Category, ListFile, ListKind, ListLine, Outcome
from enrollment.services import listlines, listreading, lists
from enrollment.states import ListState

FIRST_ROWS = 100
SAME = "SAME"
OUTCOME_TONES: Mapping[str, str] = {
    Outcome.NEW: "success",
    Outcome.UPDATED: "info",
    Outcome.ENDED: "warning",
    SAME: "",
    Outcome.UNKNOWN: "violet",
    Outcome.CONTRADICTORY: "danger",
    Outcome.ERROR: "danger",
}


def in_words(text: str) -> str:
    """A sentence or a value of ours in the reader's language."""
    return str(Category(text).label) if text in Category.values else _(text)


def outcome_name(code: str) -> str:
    """An outcome in words; lines that change nothing have none of their own."""
    return _("no change") if code == SAME else str(Outcome(code).label)


def tallies_bar(tallies: Mapping[str, Any]) -> Bar:
    """How many lines came to what."""
    return Bar(
        [Part(outcome_name(code), int(tallies.get(code, 0)), tone) for code, tone in OUTCOME_TONES.items()]
    )


def tables(file: ListFile) -> list[Table]:
    """The lines to look at, the preview while it is one, and whom the list changes."""
    made = []
    wrong = list(listlines.wrong_lines(file)[:FIRST_ROWS])
    if wrong:
        columns = [
            Column(_("line"), RIGHT),
            _("outcome"),
            _("column"),
            _("value"),
            _("what is wrong, and what to do"),
        ]
        rows = [
            [line.line_no, _outcome(line.outcome), line.column or NOTHING, line.value or NOTHING,
             listlines.sentence(line, in_words)]
            for line in wrong
        ]  # fmt: skip
        made.append(Table(_("Lines to look at"), columns, rows, note=_first(len(wrong))))
    staged = listreading.first_rows(file.pk, FIRST_ROWS) if file.state == ListState.READ else []
    if staged:
        found = {line.line_no: line for line in file.lines.filter(line_no__in=[row[0] for row in staged])}
        rows = [
            [line, mask_name(name), mask_id(number), *_cells(found.get(line))]
            for line, name, number in staged
        ]
        heads = [
            Column(_("line"), RIGHT),
            _("name"),
            _("ID number"),
            _("outcome"),
            _("what would happen"),
        ]
        made.append(Table(_("Preview"), heads, rows, note=_first(len(rows))))
    if file.state != ListState.READ or not staged or file.kind == ListKind.AID_MEMBERS:
        made += _moved(file)
    return made


def _moved(file: ListFile) -> list[Table]:
    """The first lines that change somebody."""
    moved = (
        file.lines.exclude(outcome__in=listlines.WRONG)
        .select_related("person")
        .order_by("-outcome", "line_no")
    )
    rows = [
        [line.line_no, mask_name(line.person.name) if line.person else NOTHING, *_cells(line)]
        for line in moved[:FIRST_ROWS]
    ]
    heads = [Column(_("line"), RIGHT), _("insured"), _("outcome"), _("what happens")]
    return [Table(_("Lines that change somebody"), heads, rows, note=_first(len(rows)))] if rows else []


def _outcome(code: str) -> Any:
    return badge(outcome_name(code), OUTCOME_TONES.get(code, ""))


def _cells(line: ListLine | None) -> list[Any]:
    return (
        [_outcome(SAME), _("no change")]
        if line is None
        else [_outcome(line.outcome), listlines.sentence(line, in_words)]
    )


def _first(number: int) -> str:
    return _("the first %(number)s") % {"number": number} if number == FIRST_ROWS else ""


def release_difference(proposal: Proposal) -> list[Table]:
    """What confirming a list would do."""
    found = proposal.difference
    tallies = found.get("tallies", {})
    rows = [[_outcome(code), count(int(tallies.get(code, 0)))] for code in OUTCOME_TONES]
    warnings = [[_(one["message"]) % one["params"]] for one in found.get("warnings", [])]
    tables = [Table(_("What the list would do"), [_("outcome"), Column(_("rows"), RIGHT)], rows)]
    if warnings:
        tables.append(Table(_("Warnings"), [_("warning")], warnings))
    return tables


differences.register(lists.RELEASE_KIND, release_difference)
