"""Trying a version before it counts: on a file of cases, or on the cover of the region."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau.forms import DeskForm
from bureau.pages import NOTHING, RIGHT, Column, Table, badge, count, day, link, small
from enrollment.cases import KNOWN, CaseError, OneForAll, read_cases
from enrollment.coverage import Decision, decide
from enrollment.policy import Terms
from enrollment.services.trying import Sample, Tried, Turn
from enrollment.words import RULES

MOST_BYTES, MOST_CASES, MOST_SHOWN = 2_000_000, 5_000, 500
#: What each column of a file of cases holds, for who has to put it right.
COLUMNS = {
    "case_id": gettext_lazy("any name of the case"),
    "policy": gettext_lazy("any word; every case is decided by this version"),
    "pay_date": gettext_lazy("the payment date, 2025-02-28"),
    "birth_date": gettext_lazy("a date, 2025-02-28; a newborn needs one"),
    "newborn": gettext_lazy("0 or 1"),
    "missed_years": gettext_lazy("years separated by semicolons: 2025;2026"),
    "repair_years": gettext_lazy("a number of years"),
    "special_group": gettext_lazy("the code of a special group"),
    "special_event_date": gettext_lazy("a date, 2025-02-28"),
    "employee_stop_date": gettext_lazy("a date, 2025-02-28"),
}


TEMPLATE = f"\ufeff{','.join(KNOWN)}\r\n"


class CasesForm(DeskForm):
    """A CSV file of cases."""

    cases = forms.FileField(
        label=gettext_lazy("file of cases (CSV)"),
        required=False,
        help_text=gettext_lazy(
            "Columns as in the template; all but the first three may be empty or missing."
        ),
    )

    def clean_cases(self) -> str:
        """The file as text."""
        sent = self.cleaned_data["cases"]
        if sent is None:
            return ""
        if sent.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 2 MB."))
        data = sent.read()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return str(data.decode(encoding))
            except UnicodeDecodeError:
                continue
        raise ValidationError(_("The file is neither UTF-8 nor GB18030."))


def cases_tables(text: str, before: Terms | None, after: Terms) -> list[Table]:
    """The cases whose decision changes, before and after, and the rows that cannot be read."""
    rows: list[list[Any]] = []
    wrong: list[list[Any]] = []
    seen = changed = 0
    try:
        for nth, case in enumerate(read_cases(io.StringIO(text, newline=""), OneForAll(after))):
            if nth >= MOST_CASES:
                wrong.append(
                    [NOTHING, NOTHING, _("Only the first %(most)s cases were read.") % {"most": MOST_CASES}]
                )
                break
            if isinstance(case, CaseError):
                wrong.append(_unreadable(case))
                continue
            seen += 1
            old = decide(before, case.facts, case.pay_date) if before else None
            new = decide(after, case.facts, case.pay_date)
            differs = old is None or _told(old) != _told(new)
            changed += differs
            if differs and len(rows) < MOST_SHOWN:
                rows.append([case.case_id, _day(case.pay_date), _cell(old), _cell(new), new.explain_zh])
    except CaseError as error:
        wrong.append(_unreadable(error))
    note = _("%(changed)s of %(seen)s cases change") % {"changed": changed, "seen": seen}
    columns = [_("case"), _("payment date"), _("until now"), _("afterwards"), _("explanation")]
    tables = [Table(_("Cases that change"), columns, rows, _("No case changes."), note=note, anchor="cases")]
    if wrong:
        tables.append(Table(_("Rows that cannot be read"), [_("line"), _("column"), _("expected")], wrong))
    return tables


def _day(value: date) -> Any:
    """A day that does not break."""
    return format_html('<span class="nowrap">{}</span>', day(value))


def _unreadable(error: CaseError) -> list[Any]:
    column = str(error.params.get("column", NOTHING))
    return [
        error.params.get("line", NOTHING),
        column,
        COLUMNS.get(column, _("a row of cells like the heading")),
    ]


def _told(decision: Decision) -> tuple[Any, ...]:
    return decision.rule, decision.start, decision.end, decision.wait_months


def _cell(decision: Decision | None) -> Any:
    if decision is None:
        return NOTHING
    return _period(decision.start, decision.rule.value)


def _period(start: date | None, rule: str) -> Any:
    """First day and rule, one under the other."""
    first = day(start) if start else _("no cover")
    return format_html('<span class="nowrap">{}</span>{}', first, small(RULES.get(rule, rule)))


def region_tables(tried: Tried) -> list[Table]:
    """How many decisions of the region change, in which ways, and samples of them."""
    turns = [
        [
            RULES.get(turn.old_rule, turn.old_rule),
            RULES.get(turn.new_rule, turn.new_rule),
            _direction(turn),
            count(number),
        ]
        for turn, number in tried.turns.most_common()
    ]
    note = _("%(changed)s of %(persons)s decisions change, %(moved)s begin on another day") % {
        "changed": count(tried.changed),
        "persons": count(tried.persons),
        "moved": count(tried.moved),
    }
    columns = [_("until now"), _("afterwards"), _("start of cover"), Column(_("persons"), RIGHT)]
    samples = [_sample(one) for one in tried.samples]
    heads = [_("insured"), _("payment date"), _("until now"), _("afterwards"), _("explanation")]
    return [
        Table(
            _("What changes in the region"),
            columns,
            turns,
            _("No decision changes."),
            note=note,
            anchor="region",
        ),
        Table(_("Samples"), heads, samples, _("No decision changes.")),
    ]


def _direction(turn: Turn) -> Any:
    if not turn.had_cover and turn.has_cover:
        return badge(_("begins at all"), "success")
    if turn.had_cover and not turn.has_cover:
        return badge(_("ends at all"), "danger")
    words = {-1: (_("earlier"), "success"), 0: (_("the same day"), ""), 1: (_("later"), "danger")}
    return badge(*words[turn.direction])


def _sample(one: Sample) -> list[Any]:
    who = link(f"#{one.person_id}", reverse("desk:person", args=[one.person_id]))
    return [
        who,
        _day(one.paid_on),
        _period(one.old_start, one.old_rule),
        _period(one.new_start, one.new_rule),
        one.explain,
    ]
