"""Generated people, the same for the same region, year and seed; the first n of a larger number are those of
n.

Nobody here exists: ID numbers are drawn, with a right check digit, below the counties of the region.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bureau.identity import check_digit
from enrollment.choices import WaitRule
from enrollment.policy import Terms
from payments.seeding.names import FEMALE, MALE, dotted_name, full_name, rare_name, surname_of

NEWBORNS, AIDED, VERIFIED, SIGNED, CANCELLED = 0.01, 0.05, 0.80, 0.02, 0.02
DOTTED, RARE_NAMES, CROSS_BANK = 0.03, 0.005, 0.03
BANK, CARD = "103", "622848"
OTHER_BANKS = (
    ("中国工商银行", "102", "622202"),
    ("中国银行", "104", "621661"),
    ("中国建设银行", "105", "621700"),
)
_AGES = ((0.26, 6, 7), (6, 18, 17), (18, 23, 5), (23, 45, 24), (45, 60, 24), (60, 75, 16), (75, 96, 6))
"""From, to (years on 1 January of the benefit year), share in per cent of those who are no newborns (99)."""
_GROUPS = ("MEDICAL_AID", "RELEASED", "VETERAN", "RETURNED", "GRADUATE")
_SHARES = sum(share for _low, _high, share in _AGES)
_DAYS_A_YEAR = 365.2425
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


@dataclass(slots=True)
class MandateRow:
    """A generated mandate; ``state`` as in payments.states."""

    agreement_no: str
    account: str
    holder: str
    state: str
    signed_on: date
    cross_bank: bool = False
    bank_name: str = ""
    cnaps: str = ""


@dataclass(slots=True)
class PersonRow:
    """A generated person with everything that hangs on it; dates half-open where they end."""

    number: int
    id_number: str
    name: str
    gender: str
    birth: date
    person_class: str
    county: str
    enrolled_on: date
    newborn: bool = False
    categories: list[tuple[str, date]] = field(default_factory=list)
    specials: list[tuple[str, date | None]] = field(default_factory=list)
    spells: list[tuple[date, date]] = field(default_factory=list)
    covered_years: list[int] = field(default_factory=list)
    mandate: MandateRow | None = None


def people(
    *, region: str, city: str, counties: Sequence[str], terms: Terms, persons: int, seed: int
) -> Iterator[PersonRow]:
    """Persons 1 to ``persons``; ``city`` is the region's short name, for the names of branches of banks."""
    draw = Random(f"{region}/{terms.benefit_year}/{seed}")  # noqa: S311 - a rehearsal's people, not secrets
    used: set[str] = set()
    for number in range(1, persons + 1):
        person = _person(draw, number, counties, terms, used)
        _standing(draw, person, terms)
        _history(draw, person, terms)
        agreement = f"SF{region}{terms.benefit_year}{seed:04d}{number:08d}"
        person.mandate = _mandate(draw, person, agreement, region, city, terms)
        yield person


def _person(draw: Random, number: int, counties: Sequence[str], terms: Terms, used: set[str]) -> PersonRow:
    newborn = draw.random() < NEWBORNS
    birth = _newborn_birth(draw, terms) if newborn else _birth(draw, terms)
    gender = MALE if draw.random() < 0.51 else FEMALE
    county = counties[int(draw.random() * len(counties))]
    name = _name(draw, gender)
    id_number = _id_number(draw, county, birth, gender, used)
    if newborn:
        enrolled = birth + timedelta(days=3 + int(draw.random() * 25))
        enrolled = min(enrolled, terms.year_end)
    else:
        enrolled = max(birth, date(terms.benefit_year - 1 - int(draw.random() * 8), 9, 1))
        enrolled = min(enrolled, max(birth, terms.window_open))
    return PersonRow(
        number,
        id_number,
        name,
        gender,
        birth,
        _person_class(draw, birth, newborn, terms),
        county,
        enrolled,
        newborn,
    )


def _name(draw: Random, gender: str) -> str:
    roll = draw.random()
    if roll < DOTTED:
        return dotted_name(draw)
    return rare_name(draw, gender) if roll < DOTTED + RARE_NAMES else full_name(draw, gender)


def _newborn_birth(draw: Random, terms: Terms) -> date:
    """In the last quarter of the year before, or in the benefit year."""
    first = date(terms.benefit_year - 1, 10, 1)
    return first + timedelta(days=int(draw.random() * ((terms.year_end - first).days + 1)))


def _birth(draw: Random, terms: Terms) -> date:
    roll = draw.random() * _SHARES
    for low, high, share in _AGES:  # noqa: B007 - read after the loop
        if roll < share:
            break
        roll -= share
    age = low + draw.random() * (high - low)
    return terms.year_start - timedelta(days=max(93, int(age * _DAYS_A_YEAR)))


def _id_number(draw: Random, county: str, birth: date, gender: str, used: set[str]) -> str:
    """An ID number that nobody before has; odd orders are male (GB 11643)."""
    half = int(draw.random() * 499)
    body = county + birth.isoformat().replace("-", "")
    while True:
        order = 2 * half + (1 if gender == MALE else 2)
        first_17 = f"{body}{order:03d}"
        if first_17 not in used:
            used.add(first_17)
            return first_17 + check_digit(first_17)
        half = (half + 1) % 499


def _person_class(draw: Random, birth: date, newborn: bool, terms: Terms) -> str:
    age = (terms.year_start - birth).days / _DAYS_A_YEAR
    roll = draw.random()
    if newborn:
        return "1401"
    if age < 6:
        return "1402"
    if age < 18:
        return "1403" if roll < 0.95 else "1405"
    if age < 23 and roll < 0.4:
        return "1404"
    if age >= 60:
        return "1601"
    return "1501" if roll < 0.98 else "1701"


def _standing(draw: Random, person: PersonRow, terms: Terms) -> None:
    """Categories that bring aid, held since before the window."""
    roll, kind, since = draw.random(), draw.random(), draw.random()
    if roll >= AIDED / (1 - NEWBORNS) or person.newborn or person.birth >= terms.window_open:
        return
    child = person.person_class.startswith("14")
    if kind < 0.15:
        main = "ORPHAN" if child else "TEKUN"
    elif kind < 0.60:
        main = "DIBAO"
    else:
        main = "MONITORED" if kind < 0.80 else "ZHONGCAN"
    begun = terms.window_open - timedelta(days=1 + int(since * 900))
    person.categories.append((main, max(person.birth, begun.replace(day=1))))
    if main != "ZHONGCAN" and since < 0.15:
        person.categories.append(("ZHONGCAN", max(person.birth, begun)))


def _history(draw: Random, person: PersonRow, terms: Terms) -> None:
    """What bears on waiting: employee cover that stopped, special groups, years covered and missed."""
    spell, special, past, when = draw.random(), draw.random(), draw.random(), draw.random()
    year = terms.benefit_year
    grown = person.person_class in ("1501", "1701")
    if grown and spell < 0.015:
        stopped = date(year - 1, 7, 1) + timedelta(days=int(when * 150))
        person.spells.append((stopped - timedelta(days=400 + int(when * 2000)), stopped))
    if not person.newborn and special < 0.01:
        group = _GROUPS[int(when * len(_GROUPS))]
        event = None if group == "MEDICAL_AID" else terms.window_close - timedelta(days=int(when * 60))
        person.specials.append((group, event))
    if not grown or not (year > terms.break_from or terms.wait_rule == WaitRule.LEGACY):
        return
    if past < 0.05:
        person.covered_years.extend((year - 2, year - 1))
    elif past < 0.09:
        person.covered_years.append(year - 2 - int(when * 5))


def _mandate(
    draw: Random, person: PersonRow, agreement: str, region: str, city: str, terms: Terms
) -> MandateRow | None:
    roll, other, payer, digits = draw.random(), draw.random(), draw.random(), draw.random()
    holder = _holder(draw, person, payer, terms)
    if roll >= VERIFIED + SIGNED + CANCELLED:
        return None
    verified, signed = roll < VERIFIED, roll < VERIFIED + SIGNED
    state = "VERIFIED" if verified else "SIGNED" if signed else "CANCELLED"
    on = max(person.enrolled_on, terms.window_open - timedelta(days=int(digits * 600)))
    tail = f"{int(digits * 10**12):012d}"
    if other >= CROSS_BANK:
        return MandateRow(agreement, _card(CARD, tail), holder, state, on)
    name, code, card = OTHER_BANKS[int(other / CROSS_BANK * len(OTHER_BANKS))]
    return MandateRow(
        agreement, _card(card, tail), holder, state, on, True, f"{name}{city}分行", f"{code}{region[:4]}00015"
    )


def _holder(draw: Random, person: PersonRow, payer: float, terms: Terms) -> str:
    """The account's holder: a parent for a child, now and then a child for an old person, else the person."""
    minor = person.birth > date(terms.benefit_year - 16, 1, 1)
    if not minor and not (person.person_class == "1601" and payer < 0.15):
        return person.name
    surname = surname_of(person.name)
    if surname is None:
        return dotted_name(draw)
    return full_name(draw, MALE if payer < 0.5 else FEMALE, surname if payer < 0.6 else None)


def _card(prefix: str, tail: str) -> str:
    """A card number of 19 digits, the last of them the Luhn digit of the others (ISO/IEC 7812)."""
    body = prefix + tail
    digits = [int(digit) for digit in reversed(body)]
    total = sum(digits[1::2]) + sum([_DOUBLED[digit] for digit in digits[::2]])
    return f"{body}{-total % 10}"
