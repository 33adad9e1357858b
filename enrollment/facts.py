"""What the coverage decision knows of a person, and the names of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bureau.errors import BureauError, gettext_noop


class Rule(StrEnum):
    """The rules of the coverage decision, in the order in which they are tried (design: domain 4.2)."""

    NEWBORN_FROM_BIRTH = "NEWBORN_FROM_BIRTH"
    NEWBORN_LATE = "NEWBORN_LATE"
    NOT_OPEN = "NOT_OPEN"
    YEAR_CLOSED = "YEAR_CLOSED"
    EMPLOYEE_SWITCH_NO_WAIT = "EMPLOYEE_SWITCH_NO_WAIT"
    SPECIAL_NO_WAIT = "SPECIAL_NO_WAIT"
    LEGACY_LATE = "LEGACY_LATE"
    IN_WINDOW = "IN_WINDOW"
    IN_WINDOW_BROKEN = "IN_WINDOW_BROKEN"
    LATE = "LATE"


REFUSALS = frozenset({Rule.NOT_OPEN, Rule.YEAR_CLOSED})


class FactsError(BureauError):
    """Base of facts that cannot be; `params["key"]` names the field."""

    code = "facts_invalid"
    message = gettext_noop("The facts about the person are not valid: %(key)s.")


class NewbornWithoutBirthDate(FactsError):
    code = "facts_newborn_without_birth_date"
    message = gettext_noop("%(key)s: a newborn needs a birth date.")


class RepairNegative(FactsError):
    code = "facts_repair_negative"
    message = gettext_noop("%(key)s: the number of repaired years cannot be negative.")


@dataclass(frozen=True, slots=True)
class Facts:
    """A person as the decision sees it; everything has the value of "nothing special".

    `missed_years`: benefit years without cover, as `waiting.missed_years` gives them; `repair_years`: how
    many are paid for; `special_group` stands by itself or counts from `special_event_date`;
    `employee_stop_date`: the last day of employee cover. `newborn` needs a birth date (else
    NewbornWithoutBirthDate) and is to be set for everybody born in the benefit year or the year before: who
    is too old falls through to the general rules.
    """

    birth_date: date | None = None
    newborn: bool = False
    missed_years: tuple[int, ...] = ()
    repair_years: int = 0
    special_group: str = ""
    special_event_date: date | None = None
    employee_stop_date: date | None = None

    def __post_init__(self) -> None:
        if self.newborn and self.birth_date is None:
            raise NewbornWithoutBirthDate(key="birth_date")
        if self.repair_years < 0:
            raise RepairNegative(key="repair_years")


NO_FACTS = Facts()
