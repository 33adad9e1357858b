"""The reports of statements, settlements and acknowledgements as bars and tables, with the way down to their lines."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bureau.pages import NOTHING, RIGHT, Bar, Column, Part, Table, amount, count, link
from payments.models import BankFile
from payments.states import FileKind, FileState, Outcome
from payments.words import OUTCOME_NAMES, OUTCOME_TONES, outcome_badge

SETTLEMENT_KINDS = (FileKind.STATEMENT, FileKind.TREASURY)


def lines_url(file: BankFile, outcome: Outcome | None = None) -> str:
    """The list of a file's lines, of one outcome or all."""
    base = f"{reverse('admin:payments_settlementline_changelist')}?file={file.pk}"
    return base if outcome is None else f"{base}&outcome={outcome.value}"


def outcome_bar(file: BankFile, *, links: bool = False) -> Bar:
    """The outcomes of a file's report."""
    outcomes = file.report.get("outcomes", {})
    return Bar(
        [
            Part(
                OUTCOME_NAMES[outcome],
                int(outcomes.get(outcome.name, {}).get("lines", 0)),
                OUTCOME_TONES[outcome],
                url=lines_url(file, outcome) if links else "",
            )
            for outcome in Outcome
        ]
    )


def outcome_table(file: BankFile) -> Table:
    """Lines and yuan by outcome; applied ones lead to their lines."""
    outcomes = file.report.get("outcomes", {})
    rows: list[list[Any]] = []
    for outcome in Outcome:
        row = outcomes.get(outcome.name, {})
        number, repeated = int(row.get("lines", 0)), int(row.get("repeated", 0))
        shown: Any = count(number)
        if file.state == FileState.APPLIED and number > repeated:
            shown = link(shown, lines_url(file, outcome))
        rows.append(
            [
                outcome_badge(outcome),
                shown,
                amount(row.get("amount", "0.00")),
                amount(row.get("returned", "0.00")),
                count(repeated),
            ]
        )
    theirs = [row for name, row in outcomes.items() if name != Outcome.OURS_ONLY.name]
    rows.append(
        [
            _("all lines of the file"),
            count(sum(int(row["lines"]) for row in theirs)),
            amount(sum((Decimal(row["amount"]) for row in theirs), start=Decimal(0))),
            amount(sum((Decimal(row["returned"]) for row in theirs), start=Decimal(0))),
            NOTHING,
        ]
    )
    heads = [
        _("outcome"),
        *(Column(name, RIGHT) for name in (_("lines"), _("received"), _("returned"), _("repeated"))),
    ]
    note = _("what it would be: nothing is applied yet") if file.state == FileState.HELD else ""
    return Table(_("Outcomes"), heads, rows, note=note)


def answer_table(file: BankFile) -> Table:
    """What an acknowledgement said."""
    names = {
        "taken": _("taken"),
        "refused": _("refused"),
        "repeated": _("repeated"),
        "unknown": _("not of this push"),
    }
    answers = file.report.get("answers", {})
    rows = [[name, count(int(answers.get(code, 0)))] for code, name in names.items()]
    return Table(_("Answers"), [_("answer"), Column(_("lines"), RIGHT)], rows)
