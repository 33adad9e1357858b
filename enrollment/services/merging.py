"""Two records of one human become one: the other keeps its money and its history and points to the one that stays."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import mask_id
from bureau.models import Proposal, User
from enrollment.models import (
    ChangeKind,
    ClaimYear,
    EmployeeSpell,
    EndReason,
    Enrollment,
    Household,
    HouseholdMember,
    Person,
    PersonCategory,
    PriorCover,
    SpecialStatus,
)
from enrollment.services import changes, coverlife, register
from enrollment.services.register import violated
from enrollment.states import EnrollmentState

ACTION = "person.merge"
KIND = "person.merge"


class MergeSame(BureauError):
    """Two different records that are not merged yet."""

    code = "MERGE_NOT_TWO"
    message = gettext_noop("Choose two different records that were not merged before.")


class MergeOtherWay(BureauError):
    """The record that carries this year's cover stays, so that nothing is due twice."""

    code = "MERGE_OTHER_WAY"
    message = gettext_noop(
        "No. %(person)s is covered in %(year)s, the other record is not: merge the other one into it."
    )


class MergeWaits(BureauError):
    """One merge a record at a time."""

    code = "MERGE_WAITS"
    message = gettext_noop("A merge of this record already waits for a second person.")


def propose(*, keep_id: int, drop_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Ask another supervisor to merge record ``drop_id`` into ``keep_id``.

    Raises MergeSame, MergeOtherWay, MergeWaits, ReasonNeeded, NotAllowed, OutOfScope (both records must be in
    the asker's regions).
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        keep, drop = _both(keep_id, drop_id)
        for person in (keep, drop):
            access.require(by, ACTION, person.region_id)
        _check(keep, drop, day_of(at))
        try:
            with transaction.atomic():
                return proposals.propose(
                    kind=KIND,
                    subject=drop,
                    region_id=drop.region_id,
                    title=drop.name,
                    difference={
                        "keep": keep.pk,
                        "records": {
                            key: [_shown(drop, key), _shown(keep, key)]
                            for key in ("name", "id_type", "id_number", "region_id")
                        },
                    },
                    reason=reason.strip()[:500],
                    by=by,
                    at=at,
                )
        except IntegrityError as error:
            if violated(error) == "proposal_one_open":
                raise MergeWaits() from None
            raise


def _shown(person: Person, key: str) -> str:
    value = getattr(person, key)
    return mask_id(value) if key == "id_number" else str(value or "")


def _both(keep_id: int, drop_id: int) -> tuple[Person, Person]:
    wanted = sorted({keep_id, drop_id})
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    found = {person.pk: person for person in rows}
    if len(found) < 2 or any(person.merged_into_id for person in found.values()):
        raise MergeSame()
    return found[keep_id], found[drop_id]


def _check(keep: Person, drop: Person, today: date) -> None:
    def years(person: Person) -> set[int]:
        rows = coverlife.in_force(person.pk)
        return {row.benefit_year for row in rows if row.start is not None}

    only = sorted(year for year in years(drop) - years(keep) if year >= today.year)
    if only:
        raise MergeOtherWay(person=drop.pk, year=only[0])


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    keep, drop = _both(proposal.difference["keep"], int(proposal.subject_id))
    today = day_of(at)
    _check(keep, drop, today)
    drop.merged_into = keep
    drop.version += 1
    drop.save(update_fields=["merged_into", "version"])
    for former in Person.objects.filter(merged_into=drop).order_by("pk"):
        former.merged_into = keep
        former.save(update_fields=["merged_into"])
    keep.id_alias = keep.id_alias or drop.id_number
    keep.death_date = keep.death_date or drop.death_date
    keep.version += 1
    keep.save(update_fields=["id_alias", "death_date", "version"])
    _move_enrollments(keep, drop, proposal.reason, today, by, at)
    _move_knowledge(keep, drop)
    _move_household(keep, drop, today)
    written = coverlife.decide_anew(person_id=keep.pk, at=at)
    for person, other in ((drop, keep), (keep, drop)):
        changes.record(
            kind=ChangeKind.MERGED,
            person_id=person.pk,
            region_id=person.region_id,
            on=today,
            by=by,
            at=at,
            reason=proposal.reason,
            other=other.pk,
            kept=keep.pk,
            cover_rows=written,
        )


def _move_enrollments(keep: Person, drop: Person, reason: str, today: date, by: User, at: datetime) -> None:
    """Live enrolments of the merged record end; the one that stays goes on, or begins where it had none."""
    live = Enrollment.objects.exclude(state=EnrollmentState.ENDED)
    held = set(live.filter(person=keep).values_list("scheme", "region_id"))
    for row in live.select_for_update(of=("self",)).filter(person=drop).order_by("pk"):
        register.end_locked(
            row, on=max(today, row.started_on), end_reason=EndReason.MERGED, reason=reason, by=by, at=at
        )
        if (row.scheme, row.region_id) not in held and keep.death_date is None:
            register.enroll_locked(
                keep,
                region_id=row.region_id,
                scheme=row.scheme,
                on=row.started_on,
                reason=reason,
                by=by,
                at=at,
            )


def _move_knowledge(keep: Person, drop: Person) -> None:
    """What is known of the human moves over; what the other record knows already stays where it is. Years
    covered under the merged record count for the one that stays.
    """
    held = set(PersonCategory.objects.filter(person=keep).values_list("category", "valid_from"))
    for category in PersonCategory.objects.filter(person=drop).order_by("pk"):
        if (category.category, category.valid_from) not in held:
            category.person = keep
            category.save(update_fields=["person"])
    begun = set(EmployeeSpell.objects.filter(person=keep).values_list("started_on", flat=True))
    for spell in EmployeeSpell.objects.filter(person=drop).order_by("pk"):
        if spell.started_on not in begun:
            spell.person = keep
            spell.save(update_fields=["person"])
    for special in SpecialStatus.objects.filter(person=drop).order_by("pk"):
        special.person = keep
        special.save(update_fields=["person"])
    known = set(PriorCover.objects.filter(person=keep).values_list("benefit_year", "scheme"))
    for prior in PriorCover.objects.filter(person=drop).order_by("pk"):
        if (prior.benefit_year, prior.scheme) not in known:
            known.add((prior.benefit_year, prior.scheme))
            prior.person = keep
            prior.save(update_fields=["person"])
    _move_claims(keep, drop)
    for row in coverlife.in_force(drop.pk):
        if row.start is not None and (row.benefit_year, row.scheme) not in known:
            known.add((row.benefit_year, row.scheme))
            PriorCover.objects.create(
                person=keep, benefit_year=row.benefit_year, scheme=row.scheme, source=f"No. {drop.pk}"
            )


def _move_claims(keep: Person, drop: Person) -> None:
    """What was reported of the years' claims; of one year, that the incentive was drawn on outweighs that no claim came."""
    mine = {row.benefit_year: row for row in ClaimYear.objects.filter(person=keep)}
    for row in ClaimYear.objects.filter(person=drop).order_by("pk"):
        held = mine.get(row.benefit_year)
        if held is None:
            row.person = keep
            row.save(update_fields=["person"])
        elif row.incentive_used and not held.incentive_used:
            held.zero_claim, held.incentive_used, held.source = False, True, row.source
            held.save(update_fields=["zero_claim", "incentive_used", "source"])


def _move_household(keep: Person, drop: Person, today: date) -> None:
    """The merged record leaves its household; the one that stays takes its place where it lives nowhere."""
    homeless = not HouseholdMember.objects.filter(person=keep, left_on=None).exists()
    for member in HouseholdMember.objects.select_for_update(of=("self",)).filter(person=drop, left_on=None):
        member.left_on = max(today, member.joined_on)
        member.save(update_fields=["left_on"])
        if homeless:
            HouseholdMember.objects.create(
                household_id=member.household_id,
                person=keep,
                relation=member.relation,
                guardian_id=None if member.guardian_id == keep.pk else member.guardian_id,
                joined_on=member.left_on,
            )
    for ward in HouseholdMember.objects.select_for_update(of=("self",)).filter(guardian=drop, left_on=None):
        ward.guardian = None if ward.person_id == keep.pk else keep
        ward.save(update_fields=["guardian"])
    for household in Household.objects.select_for_update(of=("self",)).filter(payer=drop):
        household.payer = keep
        household.save(update_fields=["payer"])


proposals.register(proposals.Kind(KIND, _("merge two records of one person"), ACTION, _approve))
