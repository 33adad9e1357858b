"""Corrections of a person's data: small things at once, identity as a case that a second person decides.

Every form carries the version that it showed; a stale one is refused, and nothing is overwritten (X30).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, attachments, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import BIRTH_CERTIFICATE, mask_id
from bureau.models import Proposal, User
from enrollment.models import ChangeKind, Person, PersonClass
from enrollment.pinyin import initials
from enrollment.services import changes, coverlife, identities
from enrollment.services.register import PersonClassUnknown, PersonMerged, violated

CORRECT, APPROVE = "person.correct", "person.approve"
KIND = "person.correct"
#: What a case may change; everything else is changed at once.
IDENTITY = ("name", "id_type", "id_number", "birth_date", "gender", "person_class")
SMALL = ("phone",)
NUMBERS = frozenset({"id_number", "id_alias"})


class PersonChanged(BureauError):
    """Two clerks had the person open; the second must look again (X30)."""

    code = "PERSON_STALE"
    message = gettext_noop(
        "The person was changed meanwhile (version %(now)s, yours is %(yours)s): nothing was saved."
    )


class NothingToCorrect(BureauError):
    """A case without a difference."""

    code = "CORRECTION_EMPTY"
    message = gettext_noop("Nothing differs from what the register has.")


class DocumentMissing(BureauError):
    """A correction of identity rests on a document."""

    code = "CORRECTION_DOCUMENT"
    message = gettext_noop("Please name the document that proves it.")


class CorrectionWaits(BureauError):
    """One case a person at a time."""

    code = "CORRECTION_WAITS"
    message = gettext_noop("A correction of this person already waits for a second person.")


def change_contact(*, person_id: int, version: int, phone: str, by: User, at: datetime) -> Person:
    """Change the telephone number at once. Raises PersonChanged, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="change the telephone number", at=at.isoformat()):
        person = _locked(person_id, version)
        access.require(by, CORRECT, person.region_id)
        person.phone = "".join(phone.split())[:20]
        person.version += 1
        person.save(update_fields=["phone", "version"])
        _tell(person, ["phone"], by=by, at=at)
        return person


def propose(
    *,
    person_id: int,
    version: int,
    values: Mapping[str, Any],
    reason: str,
    document: str,
    by: User,
    at: datetime,
    file: Any = None,
) -> Proposal:
    """Ask a second person to correct fields of IDENTITY; ``values`` holds those wanted, others stay.

    ``document`` names what proves it, ``file`` is a picture of it.

    A newborn's certificate that gives way to an ID card stays as the alias. Raises PersonChanged,
    PersonMerged, NothingToCorrect, DocumentMissing, ReasonNeeded, CorrectionWaits, what identities.identify
    raises, PersonExists, PersonClassUnknown, what attachments.store raises, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    if not document.strip():
        raise DocumentMissing()
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        person = _locked(person_id, version)
        access.require(by, CORRECT, person.region_id)
        after = corrected(person, values, by=by, today=day_of(at))
        difference = {
            "version": person.version,
            "fields": {key: [_json(getattr(person, key)), _json(value)] for key, value in after.items()},
            "document": document.strip()[:200],
        }
        try:
            with transaction.atomic():
                case = proposals.propose(
                    kind=KIND,
                    subject=person,
                    region_id=person.region_id,
                    title=person.name,
                    difference=difference,
                    reason=reason.strip()[:500],
                    by=by,
                    at=at,
                )
        except IntegrityError as error:
            if violated(error) == "proposal_one_open":
                raise CorrectionWaits() from None
            raise
        if file is not None:
            attachments.store(
                file=file, subject=case, region_id=person.region_id, by=by, at=at, kind="document"
            )
        return case


def corrected(person: Person, values: Mapping[str, Any], *, by: User, today: date) -> dict[str, Any]:
    """The fields that differ, checked and in their normal form, with what follows from them (birth and sex of
    a number, alias, initials). Raises as :func:`propose`.
    """
    wanted = {key: values.get(key, getattr(person, key)) for key in IDENTITY}
    if wanted["person_class"] not in PersonClass.values:
        raise PersonClassUnknown(person_class=wanted["person_class"])
    number_moves = (wanted["id_type"], wanted["id_number"]) != (person.id_type, person.id_number)
    # A number that tells the birth decides it, unless the form says something else itself.
    birth = wanted["birth_date"]
    if number_moves and birth == person.birth_date:
        birth = None
    try:
        told = identities.identify(
            id_type=wanted["id_type"],
            id_number=wanted["id_number"],
            name=wanted["name"],
            today=today,
            birth_date=birth,
            gender=wanted["gender"],
        )
    except identities.BirthDateMissing:
        told = identities.identify(
            id_type=wanted["id_type"],
            id_number=wanted["id_number"],
            name=wanted["name"],
            today=today,
            birth_date=wanted["birth_date"],
            gender=wanted["gender"],
        )
    identities.refuse_known(told.id_type, told.id_number, by=by, but=person.pk)
    after: dict[str, Any] = {
        "name": told.name,
        "id_type": told.id_type,
        "id_number": told.id_number,
        "birth_date": told.birth_date,
        "gender": told.gender if number_moves or "gender" in values else person.gender,
        "person_class": wanted["person_class"],
    }
    differing = {key: value for key, value in after.items() if value != getattr(person, key)}
    if not differing:
        raise NothingToCorrect()
    if told.id_alias and told.id_alias != person.id_alias:
        differing["id_alias"] = told.id_alias
    elif person.id_type == BIRTH_CERTIFICATE and "id_number" in differing:
        differing["id_alias"] = person.id_number
    if "name" in differing:
        differing["initials"] = initials(told.name)
    return differing


def apply(*, person: Person, differing: Mapping[str, Any], by: User, at: datetime, reason: str = "") -> int:
    """Write corrected fields of a locked person, and decide cover anew where birth counts; returns the rows of
    cover written. Raises PersonExists.
    """
    old_birth = person.birth_date
    for key, value in differing.items():
        setattr(person, key, value)
    person.version += 1
    try:
        with transaction.atomic():
            person.save(update_fields=[*differing, "version"])
    except IntegrityError as error:
        if violated(error) == "person_id_number_once":
            raise identities.PersonExists() from None
        raise
    written = 0
    if person.birth_date != old_birth:
        written = coverlife.decide_anew(person_id=person.pk, at=at)
    _tell(person, sorted(differing), by=by, at=at, reason=reason, cover_rows=written)
    return written


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    person = _locked(int(proposal.subject_id), proposal.difference["version"])
    fields = proposal.difference["fields"]
    differing = {key: _value(key, pair[1]) for key, pair in fields.items()}
    identities.refuse_known(
        differing.get("id_type", person.id_type),
        differing.get("id_number", person.id_number),
        by=by,
        but=person.pk,
    )
    apply(person=person, differing=differing, by=by, at=at, reason=proposal.reason)


def _locked(person_id: int, version: int) -> Person:
    person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
    if person.merged_into_id is not None:
        raise PersonMerged(into=person.merged_into_id)
    if person.version != version:
        raise PersonChanged(now=person.version, yours=version)
    return person


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(key: str, value: Any) -> Any:
    return date.fromisoformat(value) if key == "birth_date" and value else value


def _tell(
    person: Person, fields: list[str], *, by: User, at: datetime, reason: str = "", **details: Any
) -> None:
    if "id_number" in fields:
        details["id_number"] = mask_id(person.id_number)
    changes.record(
        kind=ChangeKind.CORRECTED,
        person_id=person.pk,
        region_id=person.region_id,
        on=day_of(at),
        by=by,
        at=at,
        reason=reason,
        fields=fields,
        **details,
    )


proposals.register(proposals.Kind(KIND, _("correct personal data"), APPROVE, _approve))
