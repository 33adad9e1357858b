"""What was typed at a counter or in an app, held against the register (P11 to P14): whose it is, or why nobody is found."""

from dataclasses import dataclass, field
from datetime import date

from bureau.identity import IdNumberError, check_id
from bureau.names import fold_name
from enrollment.models import Person
from enrollment.services import lookups
from payments.problems import CATALOGUE
from payments.services.obstacles import Obstacle


@dataclass(frozen=True)
class Typed:
    """The person that is meant, None where nobody or another one is found, and what is wrong with the input.

    `number`: the ID number as it is registered ("" where it cannot be one).
    """

    person: Person | None
    number: str = ""
    obstacles: list[Obstacle] = field(default_factory=list)


def look(*, id_type: str, id_number: str, name: str, today: date) -> Typed:
    """Normalise a number and a name and look the person up; changes nothing.

    INPUT_FORMAT: not a number of that kind (check digit, length, birth), or a name with digits or none at all.
    PERSON_NOT_FOUND: nobody has it. INPUT_MISMATCH: somebody of another name has it; nothing is told of that person.
    """
    try:
        facts = check_id(id_type, id_number, today=today)
    except IdNumberError as error:
        return Typed(None, obstacles=[_of("INPUT_FORMAT", field="id_number", error=error.code)])
    folded = fold_name(name)
    if not folded or any(letter.isdigit() for letter in folded):
        return Typed(None, facts.number, [_of("INPUT_FORMAT", field="name")])
    found = lookups.by_number(facts.number)
    if not found:
        return Typed(None, facts.number, [_of("PERSON_NOT_FOUND", registered=False)])
    same = [person for person in found if fold_name(person.name) == folded]
    if not same:
        return Typed(None, facts.number, [_of("INPUT_MISMATCH", field="name")])
    return Typed(same[0], facts.number)


def _of(code: str, **evidence: object) -> Obstacle:
    return Obstacle(CATALOGUE[code], dict(evidence))
