"""Generated people into the register, by COPY.

This is a rehearsal tool and the one place outside the enrolment app that writes its tables: a hundred
thousand people in seconds, with the same constraints and the same history triggers as any other writer.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from bureau import audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import Region, User
from bureau.partitions import open_year
from enrollment.models import RESIDENT
from enrollment.services import policies
from enrollment.services.initials import initials
from payments.models import BankProfile
from payments.seeding.households import CHILD, GRANDCHILD, Home, households
from payments.seeding.people import BANK, PersonRow, people
from payments.seeding.staff import make_staff

CHUNK = 20_000
LARGEST_SEED = 9_999
SOURCE = "seed_region"
MANY = 10_000
"""From so many new people on the planner is told at once, not by and by."""
_FILLED = (
    "enrollment_person",
    "enrollment_enrollment",
    "enrollment_personcategory",
    "enrollment_household",
    "enrollment_householdmember",
    "payments_mandate",
)
_SUFFIXES = "市盟州区县旗"
Row = tuple[Any, ...]


class NotARehearsal(BureauError):
    """Generated people do not belong among real ones."""

    code = "NOT_A_REHEARSAL"
    message = gettext_noop(
        "This database has real staff: generated people are for workstations and tests only."
    )


class SeedOutOfRange(BureauError):
    """The seed is part of the agreement numbers and has four digits there."""

    code = "SEED_OUT_OF_RANGE"
    message = gettext_noop("The seed must lie between 0 and %(largest)s.")


class RegionUnknown(BureauError):
    """No such region."""

    code = "REGION_UNKNOWN"
    message = gettext_noop("There is no region %(region)s.")


class BankMissing(BureauError):
    """Mandates need the profile of their bank."""

    code = "BANK_MISSING"
    message = gettext_noop("There is no profile of bank %(bank)s.")


@dataclass
class Seeded:
    """What a seeding did: people asked for, newly added, and figures of the added ones."""

    region: str
    year: int
    persons: int
    seed: int
    added: int = 0
    newborns: int = 0
    aided: int = 0
    mandates: dict[str, int] = field(default_factory=dict)
    staff: list[str] = field(default_factory=list)
    logins: Path = Path()


def seed(*, region_id: str, year: int, persons: int, seed: int, folder: Path, at: datetime) -> Seeded:
    """Make the first ``persons`` people of this region, year and seed, where they are missing, and the demo
    staff.

    The same arguments again add nothing, a larger number adds the rest; somebody whose ID number is
    registered already stays as registered. ``folder`` takes the passwords of new log-ins. Each 20,000 people
    are one transaction. Raises NotARehearsal, RegionUnknown, SeedOutOfRange, BankMissing, NoPolicy.
    """
    if not (settings.DEMO or settings.TESTING) and User.objects.filter(is_demo=False).exists():
        raise NotARehearsal()
    if not 0 <= seed <= LARGEST_SEED:
        raise SeedOutOfRange(largest=LARGEST_SEED)
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        raise RegionUnknown(region=region_id)
    if not BankProfile.objects.filter(pk=BANK).exists():
        raise BankMissing(bank=BANK)
    terms = policies.in_force(region_id, year).values
    done = Seeded(region_id, year, persons, seed)
    with (
        transaction.atomic(),
        audit.acting(by=None, why="seed a rehearsal region", region=region_id, year=year),
    ):
        open_year(year)
        staff = make_staff(region_id=region_id, folder=folder)
        done.staff, done.logins = staff.usernames, staff.logins
    everybody = people(
        region=region_id,
        city=region.name.rstrip(_SUFFIXES),
        counties=counties_of(region_id),
        terms=terms,
        persons=persons,
        seed=seed,
    )
    for chunk in _ahead(_chunks(everybody, CHUNK)):
        with transaction.atomic(), audit.acting(by=None, why="seed a rehearsal region", seed=seed, year=year):
            _load(chunk, region_id, at, done)
    if done.added >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(_FILLED)}")
    return done


def counties_of(region_id: str) -> list[str]:
    """Codes of today's counties below a region; the region itself where it has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE below AS (SELECT code, level FROM bureau_region WHERE code = %s "
            "UNION SELECT r.code, r.level FROM bureau_region r JOIN below b ON r.parent_id = b.code "
            "WHERE r.valid_to IS NULL) "
            "SELECT code FROM below WHERE level = 3 AND code <> %s ORDER BY code",
            [region_id, region_id],
        )
        return [row[0] for row in cursor.fetchall()] or [region_id]


def _chunks(rows: Iterable[PersonRow], size: int) -> Iterator[list[PersonRow]]:
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk


def _ahead(chunks: Iterator[list[PersonRow]]) -> Iterator[list[PersonRow]]:
    """The same chunks; the next one is made (without the database) while the caller works on one."""
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = maker.submit(next, chunks, None)
            yield chunk


def _load(chunk: Sequence[PersonRow], region_id: str, at: datetime, done: Seeded) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id_number FROM enrollment_person WHERE id_type = '01' AND id_number = ANY(%s)",
            [[person.id_number for person in chunk]],
        )
        known = {row[0] for row in cursor.fetchall()}
        news = [person for person in chunk if person.id_number not in known]
        if not news:
            return
        # COPY passes by the wrapper that tells the history who and why: a statement that does nothing tells
        # it first.
        cursor.execute("DO $$ BEGIN END $$")
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('enrollment_person', 'id')) FROM generate_series(1, %s)",
            [len(news)],
        )
        keyed = [(row[0], person) for row, person in zip(cursor.fetchall(), news, strict=True)]
        homes = households(news, key=news[0].id_number)
        _copy_register(cursor, keyed, homes, region_id, at)
        _copy_history(cursor, keyed)
        _copy_mandates(cursor, keyed)
        _copy_households(cursor, keyed, homes)
    _count(news, done)


def _copy_register(
    cursor: CursorWrapper,
    keyed: Sequence[tuple[int, PersonRow]],
    homes: Sequence[Home],
    region_id: str,
    at: datetime,
) -> None:
    phones = {home.members[0][0]: home.phone for home in homes}
    _copy(
        cursor,
        "enrollment_person (id, id_type, id_number, id_alias, name, gender, birth_date, phone, person_class, "
        "region_id, created_at, initials)",
        (
            (key, "01", p.id_number, "", p.name, p.gender, p.birth, phones.get(place, ""),
             p.person_class, p.county, at, initials(p.name))
            for place, (key, p) in enumerate(keyed)
        ),
    )  # fmt: skip
    _copy(
        cursor,
        "enrollment_enrollment (person_id, region_id, scheme, state, started_on, reason)",
        ((key, region_id, RESIDENT, "1", p.enrolled_on, "") for key, p in keyed),
    )


def _copy_history(cursor: CursorWrapper, keyed: Sequence[tuple[int, PersonRow]]) -> None:
    _copy(
        cursor,
        "enrollment_personcategory (person_id, category, valid_from, source)",
        ((key, category, since, SOURCE) for key, p in keyed for category, since in p.categories),
    )
    _copy(
        cursor,
        'enrollment_specialstatus (person_id, "group", event_date, source)',
        ((key, group, event, SOURCE) for key, p in keyed for group, event in p.specials),
    )
    _copy(
        cursor,
        "enrollment_employeespell (person_id, started_on, stopped_on, source)",
        ((key, started, stopped, SOURCE) for key, p in keyed for started, stopped in p.spells),
    )
    _copy(
        cursor,
        "enrollment_priorcover (person_id, benefit_year, scheme, source)",
        ((key, year, RESIDENT, SOURCE) for key, p in keyed for year in p.covered_years),
    )


def _copy_mandates(cursor: CursorWrapper, keyed: Sequence[tuple[int, PersonRow]]) -> None:
    held = ((key, p.mandate) for key, p in keyed if p.mandate is not None)
    _copy(
        cursor,
        "payments_mandate (person_id, scheme, bank_id, agreement_no, account, holder, card_type, cross_bank, "
        "bank_name, cnaps, state, signed_on)",
        (
            (key, RESIDENT, BANK, m.agreement_no, m.account, m.holder, "DEBIT", m.cross_bank, m.bank_name,
             m.cnaps, m.state, m.signed_on)
            for key, m in held
        ),
    )  # fmt: skip


def _copy_households(
    cursor: CursorWrapper, keyed: Sequence[tuple[int, PersonRow]], homes: Sequence[Home]
) -> None:
    """Everybody lives somewhere; children have the head as guardian, the head pays."""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('enrollment_household', 'id')) FROM generate_series(1, %s)",
        [len(homes)],
    )
    placed = [(row[0], home) for row, home in zip(cursor.fetchall(), homes, strict=True)]

    def since(home: Home) -> date:
        return min(keyed[place][1].enrolled_on for place, _relation in home.members)

    _copy(
        cursor,
        "enrollment_household (id, region_id, town, village, address, phone, payer_id, opened_on, version)",
        (
            (key, home.county, home.town, home.village, f"{home.house}号", home.phone,
             keyed[home.members[0][0]][0], since(home), 0)
            for key, home in placed
        ),
    )  # fmt: skip
    _copy(
        cursor,
        "enrollment_householdmember (household_id, person_id, relation, guardian_id, joined_on)",
        (
            (key, keyed[place][0], relation,
             keyed[home.members[0][0]][0] if relation in (CHILD, GRANDCHILD) else None, since(home))
            for key, home in placed
            for place, relation in home.members
        ),
    )  # fmt: skip


def _copy(cursor: CursorWrapper, target: str, rows: Iterable[Row]) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _count(news: Sequence[PersonRow], done: Seeded) -> None:
    done.added += len(news)
    done.newborns += sum(person.newborn for person in news)
    done.aided += sum(bool(person.categories) for person in news)
    for person in news:
        state = "NONE" if person.mandate is None else person.mandate.state
        done.mandates[state] = done.mandates.get(state, 0) + 1
