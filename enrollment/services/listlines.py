"""What a line of a list may come to, in sentences: the code of each is stored, its sentence is rendered at the door."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import models

from bureau import identity
from bureau.errors import BureauError, gettext_noop
from bureau.sheets import columns
from enrollment.models import ListFile, ListLine, Outcome
from enrollment.services import identities, listlayouts

WRONG = (Outcome.ERROR, Outcome.UNKNOWN, Outcome.CONTRADICTORY)
"""Outcomes of lines that somebody has to look at; everything else is applied."""

_FOUND: Mapping[str, str] = {
    "REGISTERED": gettext_noop("Registered and enrolled."),
    "ENROLLED": gettext_noop("Known; enrolled here."),
    "CHANGED": gettext_noop("Already enrolled; phone, class or household is brought up to date."),
    "CATEGORY_NEW": gettext_noop("The category %(category)s begins on %(since)s."),
    "CATEGORY_AGAIN": gettext_noop("The category %(category)s goes on."),
    "CATEGORY_ENDED": gettext_noop("No longer listed: the category %(category)s ends."),
    "DIED": gettext_noop("Died on %(day)s: enrolments and cover end."),
    "SAME_PERSON_TWICE": gettext_noop("The same person stands in lines %(lines)s. Keep the right one."),
    "NOT_IN_YOUR_REGION": gettext_noop("This line does not belong to your region."),
    "PERSON_UNKNOWN": gettext_noop(
        "Nobody with this number is registered in the region. Check the number, or register the person first."
    ),
    "PERSON_DEAD": gettext_noop("The register says this person died on %(day)s."),
    "NAME_DIFFERS": gettext_noop(
        "The register has the name %(known)s. Correct the list, or open a correction case."
    ),
    "BIRTH_DIFFERS": gettext_noop(
        "The register has the date of birth %(known)s. Correct the list, or open a correction case."
    ),
    "EMPLOYEE_ACTIVE": gettext_noop(
        "Employee cover is running since %(since)s: it must be stopped before resident cover can begin."
    ),
    "CATEGORY_MISSING": gettext_noop(
        "The register knows no such category of this person in the month of the list."
    ),
    "STATE_DIFFERS": gettext_noop("The register has the state of enrolment %(known)s."),
    "NOT_ENROLLED": gettext_noop("This person has no running enrolment."),
    "DEATH_DIFFERS": gettext_noop("The register has the date of death %(known)s."),
    "DEATH_BEFORE_BIRTH": gettext_noop("The register has the date of birth %(known)s, after this day."),
    "CHANGED_MEANWHILE": gettext_noop(
        "Somebody changed this person between the preview and the confirmation: nothing was done. Import the line again."
    ),
}


def _errors() -> Iterator[type[BureauError]]:
    for module in (columns, identity, identities, listlayouts):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, BureauError):
                yield found


MESSAGES: Mapping[str, str] = {**{error.code: error.message for error in _errors()}, **_FOUND}
"""The sentence of each code, as an English template."""


def sentence(line: ListLine, translate: Callable[[str], str] = gettext_noop) -> str:
    """What a line came to, in one sentence."""
    template = translate(MESSAGES.get(line.code, line.code))
    values = {
        name: translate(value) if isinstance(value, str) else value
        for name, value in (line.params or {}).items()
    }
    try:
        return template % values if values else template
    except (KeyError, ValueError, TypeError):
        return template


def wrong_lines(file: ListFile) -> "models.QuerySet[ListLine]":
    """The lines somebody has to look at, in the order of the file."""
    return file.lines.filter(outcome__in=WRONG).order_by("line_no")


def counts(file: ListFile) -> dict[str, Any]:
    """The numbers of a read list as the commands tell them."""
    tally = file.tallies
    return {
        "rows": file.rows,
        "created": int(tally.get(Outcome.NEW, 0)),
        "updated": int(tally.get(Outcome.UPDATED, 0)),
        "ended": int(tally.get(Outcome.ENDED, 0)),
        "unchanged": int(tally.get("SAME", 0)),
        "errors": sum(int(tally.get(outcome, 0)) for outcome in WRONG),
    }
