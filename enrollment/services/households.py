"""Households: opened, joined, left, split and merged; the head, who looks after a child, and who pays for all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.periods import add_months
from enrollment.models import ChangeKind, Household, HouseholdMember, Person, Relation
from enrollment.services import changes
from enrollment.services.register import violated

EDIT = "household.edit"
OF_AGE = 18
PLACE = ("town", "village", "address", "phone")


class HouseholdChanged(BureauError):
    """Two clerks had the household open; the second must look again (X30)."""

    code = "HOUSEHOLD_STALE"
    message = gettext_noop(
        "The household was changed meanwhile (version %(now)s, yours is %(yours)s): nothing was saved."
    )


class HouseholdClosed(BureauError):
    """Nothing happens to a household that is no more."""

    code = "HOUSEHOLD_CLOSED"
    message = gettext_noop("This household was closed on %(day)s.")


class MemberElsewhere(BureauError):
    """At any time a person lives in one household."""

    code = "MEMBER_ELSEWHERE"
    message = gettext_noop("%(name)s lives in household %(household)s: leave it first, or merge the two.")


class MemberMissing(BureauError):
    """The person is not in the household (any more)."""

    code = "MEMBER_MISSING"
    message = gettext_noop("No. %(person)s is not a member of this household.")


class HeadNeeded(BureauError):
    """A household with members has a head."""

    code = "HOUSEHOLD_HEAD_NEEDED"
    message = gettext_noop("The head leaves last: move the head to another member first.")


class OneHead(BureauError):
    """Two heads of one household."""

    code = "HOUSEHOLD_ONE_HEAD"
    message = gettext_noop("A household has one head.")


class GuardianWrong(BureauError):
    """A guardian is a living adult."""

    code = "GUARDIAN_WRONG"
    message = gettext_noop("%(name)s cannot be a guardian: a guardian is a living adult and somebody else.")


class LeavesBeforeJoining(BureauError):
    """A member leaves after joining."""

    code = "MEMBER_LEAVES_EARLY"
    message = gettext_noop("The member joined on %(day)s and cannot leave before.")


class SameHousehold(BureauError):
    """Two different households are merged, of one region."""

    code = "HOUSEHOLDS_NOT_TWO"
    message = gettext_noop("Choose two different open households of one region.")


class NobodyChosen(BureauError):
    """A split takes somebody along."""

    code = "SPLIT_NOBODY"
    message = gettext_noop("Choose who moves into the new household, and its head among them.")


@dataclass(frozen=True)
class Joining:
    """A person who joins: relation to the head, and who looks after a child."""

    person_id: int
    relation: str
    guardian_id: int | None = None


def open_household(
    *,
    region_id: str,
    members: Collection[Joining],
    on: date,
    by: User,
    at: datetime,
    payer_id: int | None = None,
    place: Mapping[str, str] | None = None,
) -> Household:
    """Open a household of ``members``, one of them the head, at a ``place`` (town, village, address, phone).

    Raises HeadNeeded, OneHead, MemberElsewhere, GuardianWrong, NotAllowed, OutOfScope.
    """
    heads = [one for one in members if one.relation == Relation.HEAD]
    if not heads:
        raise HeadNeeded()
    with transaction.atomic(), audit.acting(by=by, why="open a household", at=at.isoformat()):
        people = _lock_people(_named(members, payer_id))
        access.require(by, EDIT, region_id)
        household = Household.objects.create(
            region_id=region_id, opened_on=on, payer_id=payer_id, **_place(place or {})
        )
        for one in members:
            _join(household, one, people, on)
        _tell(household, [one.person_id for one in members], "OPENED", on=on, by=by, at=at)
        return household


def add_member(
    *, household_id: int, version: int, member: Joining, on: date, by: User, at: datetime
) -> HouseholdMember:
    """Let a person join. Raises HouseholdChanged, HouseholdClosed, MemberElsewhere, OneHead, GuardianWrong,
    NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="join a household", at=at.isoformat()):
        people = _lock_people(_named([member], None))
        household = _lock(household_id, version, by)
        joined = _join(household, member, people, on)
        _tell(household, [member.person_id], "JOINED", on=on, by=by, at=at)
        _next(household)
        return joined


def change_member(
    *,
    household_id: int,
    version: int,
    person_id: int,
    relation: str,
    guardian_id: int | None,
    on: date,
    by: User,
    at: datetime,
) -> HouseholdMember:
    """Correct the relation to the head or the guardian; the head moves by :func:`move_head`.

    Raises HouseholdChanged, HouseholdClosed, MemberMissing, OneHead, GuardianWrong, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="change a member", at=at.isoformat()):
        people = _lock_people({person_id, *([guardian_id] if guardian_id else [])})
        household = _lock(household_id, version, by)
        member = _member(household, person_id)
        if (member.relation == Relation.HEAD) != (relation == Relation.HEAD):
            raise OneHead()
        _check_guardian(person_id, guardian_id, people, on)
        member.relation, member.guardian_id = relation, guardian_id
        member.save(update_fields=["relation", "guardian"])
        _tell(household, [person_id], "RELATION", on=on, by=by, at=at, relation=relation)
        _next(household)
        return member


def leave(
    *, household_id: int, version: int, person_id: int, on: date, reason: str, by: User, at: datetime
) -> Household:
    """Let a member leave; ``on`` is the first day outside. The last one closes the household.

    Raises HouseholdChanged, HouseholdClosed, MemberMissing, HeadNeeded, LeavesBeforeJoining, NotAllowed,
    OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=reason or "leave", at=at.isoformat()):
        _lock_people({person_id})
        household = _lock(household_id, version, by)
        member = _member(household, person_id)
        others = _current(household).exclude(pk=member.pk).exists()
        if member.relation == Relation.HEAD and others:
            raise HeadNeeded()
        _leave(member, on)
        if household.payer_id == person_id:
            household.payer_id = None
        if not others:
            household.closed_on = max(on, household.opened_on)
        _tell(household, [person_id], "LEFT", on=on, by=by, at=at, reason=reason)
        _next(household)
        return household


def move_head(
    *,
    household_id: int,
    version: int,
    person_id: int,
    former_relation: str,
    on: date,
    by: User,
    at: datetime,
) -> Household:
    """Make a member the head; the former head takes ``former_relation`` to the new one.

    Raises HouseholdChanged, HouseholdClosed, MemberMissing, OneHead, NotAllowed, OutOfScope.
    """
    if former_relation not in Relation.values or former_relation == Relation.HEAD:
        raise OneHead()
    with transaction.atomic(), audit.acting(by=by, why="move the head", at=at.isoformat()):
        household = _lock(household_id, version, by)
        member = _member(household, person_id)
        former = _current(household).filter(relation=Relation.HEAD).exclude(pk=member.pk).order_by("pk")
        told = [person_id]
        for head in former:
            head.relation = former_relation
            head.save(update_fields=["relation"])
            told.append(head.person_id)
        member.relation, member.guardian = Relation.HEAD.value, None
        member.save(update_fields=["relation", "guardian"])
        _tell(household, told, "HEAD_MOVED", on=on, by=by, at=at, head=person_id)
        _next(household)
        return household


def change_place(
    *,
    household_id: int,
    version: int,
    place: Mapping[str, str],
    payer_id: int | None,
    on: date,
    by: User,
    at: datetime,
) -> Household:
    """Change address, town, village, phone or the payer. Raises HouseholdChanged, HouseholdClosed, NotAllowed,
    OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="change a household", at=at.isoformat()):
        household = _lock(household_id, version, by)
        before = {name: getattr(household, name) for name in PLACE}
        after = before | _place(place)
        for name, value in after.items():
            setattr(household, name, value)
        household.payer_id = payer_id
        members = list(_current(household).values_list("person_id", flat=True))
        moved = [name for name in PLACE if before[name] != after[name] and name != "phone"]
        _tell(household, members, "PLACE", on=on, by=by, at=at, fields=moved)
        _next(household)
        return household


def split(
    *,
    household_id: int,
    version: int,
    head_id: int,
    relations: Mapping[int, str],
    on: date,
    by: User,
    at: datetime,
    place: Mapping[str, str] | None = None,
) -> Household:
    """Move some members into a new household of the same place, or of ``place``; returns the new one.

    ``relations`` names who moves and their relation to the new head (person ``head_id``). Raises
    HouseholdChanged, HouseholdClosed, NobodyChosen, HeadNeeded (the old head stays unless everybody moves),
    MemberMissing, NotAllowed, OutOfScope.
    """
    if head_id not in relations:
        raise NobodyChosen()
    with transaction.atomic(), audit.acting(by=by, why="split a household", at=at.isoformat()):
        people = _lock_people(set(relations))
        old = _lock(household_id, version, by)
        staying = _current(old).exclude(person_id__in=relations)
        going = {person_id: _member(old, person_id) for person_id in sorted(relations)}
        if not staying.exists() or any(one.relation == Relation.HEAD for one in going.values()):
            raise HeadNeeded()
        new = Household.objects.create(
            region_id=old.region_id,
            opened_on=on,
            **({name: getattr(old, name) for name in PLACE} | _place(place or {})),
        )
        for person_id, member in going.items():
            _leave(member, on)
            relation = Relation.HEAD.value if person_id == head_id else relations[person_id]
            _join(new, Joining(person_id, relation, member.guardian_id), people, on)
        if old.payer_id in relations:
            new.payer_id, old.payer_id = old.payer_id, None
            new.save(update_fields=["payer"])
        _tell(new, sorted(relations), "SPLIT", on=on, by=by, at=at, former=old.pk)
        _next(old)
        return new


def merge(
    *,
    household_id: int,
    version: int,
    into_id: int,
    relations: Mapping[int, str],
    on: date,
    by: User,
    at: datetime,
) -> Household:
    """Move all members into household ``into_id`` and close this one; returns the other one.

    ``relations`` are the relations to the head there (OTHER where nothing is said). Raises HouseholdChanged,
    HouseholdClosed, SameHousehold, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="merge households", at=at.isoformat()):
        members = list(HouseholdMember.objects.filter(household_id=household_id, left_on=None).order_by("pk"))
        people = _lock_people({member.person_id for member in members})
        first, second = sorted((household_id, into_id))
        both = Household.objects.select_for_update(of=("self",)).filter(pk__in=(first, second))
        if len(both.order_by("pk")) < 2:
            raise SameHousehold()
        old = _lock(household_id, version, by)
        into = _lock(into_id, None, by)
        if old.pk == into.pk or old.region_id != into.region_id:
            raise SameHousehold()
        moved = list(_current(old))
        for member in moved:
            _leave(member, on)
            relation = relations.get(member.person_id, Relation.OTHER.value)
            if relation == Relation.HEAD:
                raise OneHead()
            _join(into, Joining(member.person_id, relation, member.guardian_id), people, on)
        old.closed_on, old.merged_into, old.payer = max(on, old.opened_on), into, None
        _tell(into, [m.person_id for m in moved], "MERGED", on=on, by=by, at=at, former=old.pk)
        _next(old)
        _next(into)
        return into


def _named(members: Collection[Joining], payer_id: int | None) -> set[int]:
    named = {one.person_id for one in members} | {one.guardian_id for one in members if one.guardian_id}
    return named | ({payer_id} if payer_id else set())


def _lock_people(ids: Collection[int]) -> dict[int, Person]:
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=sorted(ids)).order_by("pk")
    return {person.pk: person for person in rows}


def _lock(household_id: int, version: int | None, by: User) -> Household:
    household = Household.objects.select_for_update(of=("self",)).get(pk=household_id)
    access.require(by, EDIT, household.region_id)
    if household.closed_on is not None:
        raise HouseholdClosed(day=household.closed_on.isoformat())
    if version is not None and household.version != version:
        raise HouseholdChanged(now=household.version, yours=version)
    return household


def _next(household: Household) -> None:
    household.version += 1
    household.save()


def _place(given: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(given[name].split()) for name in PLACE if name in given}


def _current(household: Household) -> Any:
    return household.members.filter(left_on=None).order_by("pk")


def _member(household: Household, person_id: int) -> HouseholdMember:
    member: HouseholdMember | None = _current(household).filter(person_id=person_id).first()
    if member is None:
        raise MemberMissing(person=person_id)
    return member


def _leave(member: HouseholdMember, on: date) -> None:
    if on < member.joined_on:
        raise LeavesBeforeJoining(day=member.joined_on.isoformat())
    member.left_on = on
    member.save(update_fields=["left_on"])


def _join(household: Household, one: Joining, people: Mapping[int, Person], on: date) -> HouseholdMember:
    person = people[one.person_id]
    _check_guardian(one.person_id, one.guardian_id, people, on)
    try:
        with transaction.atomic():
            return HouseholdMember.objects.create(
                household=household,
                person=person,
                relation=one.relation,
                guardian_id=one.guardian_id,
                joined_on=on,
            )
    except IntegrityError as error:
        if violated(error) == "household_one_head":
            raise OneHead() from None
        if violated(error) == "member_of_one_household":
            lives = HouseholdMember.objects.filter(person=person, left_on=None).order_by("pk").first()
            raise MemberElsewhere(name=person.name, household=lives.household_id if lives else "") from None
        raise


def _check_guardian(person_id: int, guardian_id: int | None, people: Mapping[int, Person], on: date) -> None:
    if guardian_id is None:
        return
    guardian = people.get(guardian_id) or Person.objects.get(pk=guardian_id)
    minor = guardian.birth_date is not None and add_months(guardian.birth_date, 12 * OF_AGE) > on
    if guardian_id == person_id or minor or guardian.death_date is not None:
        raise GuardianWrong(name=guardian.name)


def _tell(
    household: Household,
    person_ids: Collection[int],
    what: str,
    *,
    on: date,
    by: User,
    at: datetime,
    reason: str = "",
    **details: Any,
) -> None:
    for person_id in person_ids:
        changes.record(
            kind=ChangeKind.HOUSEHOLD,
            person_id=person_id,
            region_id=household.region_id,
            on=on,
            by=by,
            at=at,
            reason=reason,
            household=household.pk,
            what=what,
            **details,
        )
