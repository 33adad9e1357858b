"""Transfers between pooling regions (P03, P27): the receiving region asks, the other one confirms.

The receiving region's clerk cannot end an enrolment of another region. So the request is a proposal in that
region; its approval ends the enrolment there and begins one here, in one transaction. Until then the person
stays insured where they are, and nothing is due twice.
"""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, User
from bureau.names import fold_name
from enrollment.models import RESIDENT, EndReason, Enrollment, Person
from enrollment.services import identities, register
from enrollment.services.register import violated
from enrollment.states import EnrollmentState

ACTION = "enrollment.transfer"
KIND = "enrollment.transfer"
DAY = timedelta(days=1)


class TransferUnknown(BureauError):
    """No such person, or another name; the asker is not told which."""

    code = "TRANSFER_UNKNOWN"
    message = gettext_noop("Nobody is registered with this ID number and name.")


class TransferHere(BureauError):
    """Somebody enrolled in the region cannot be transferred into it."""

    code = "TRANSFER_HERE"
    message = gettext_noop("This person is enrolled here already.")


class TransferNothing(BureauError):
    """No live enrolment elsewhere: an ordinary enrolment is enough."""

    code = "TRANSFER_NOTHING"
    message = gettext_noop("There is no live enrolment in another region: enrol the person here.")


class TransferWaits(BureauError):
    """One request an enrolment at a time."""

    code = "TRANSFER_WAITS"
    message = gettext_noop("A transfer of this enrolment already waits for the other region.")


class TransferMoved(BureauError):
    """The enrolment ended by itself before the request was decided."""

    code = "TRANSFER_MOVED"
    message = gettext_noop("The enrolment ended meanwhile: reject the request; the person can enrol there.")


def ask(
    *,
    id_type: str,
    id_number: str,
    name: str,
    region_id: str,
    on: date,
    reason: str,
    by: User,
    at: datetime,
) -> list[Proposal]:
    """Ask every other region where the person is enrolled to let go with ``on`` as the last day there.

    The person is named by certificate and name, as they stand at the counter. Raises a subclass of
    IdNumberError, TransferUnknown, TransferHere, TransferNothing, TransferWaits, ReasonNeeded, PersonDead,
    NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    told = identities.check_number(id_type, id_number, today=day_of(at))
    with transaction.atomic(), audit.acting(by=by, why=reason, at=at.isoformat()):
        access.require(by, ACTION, region_id)
        person = identities.found_by_number(id_type, told)
        if person is None or fold_name(person.name) != fold_name(name):
            raise TransferUnknown()
        person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if person.death_date is not None:
            raise register.PersonDead(day=person.death_date.isoformat())
        live = Enrollment.objects.filter(person=person, scheme=RESIDENT).exclude(state=EnrollmentState.ENDED)
        rows = list(live.order_by("pk"))
        elsewhere = [row for row in rows if row.region_id != region_id]
        if not elsewhere:
            raise TransferHere() if rows else TransferNothing()
        return [_ask(row, person, region_id, on, reason.strip(), by, at) for row in elsewhere]


def _ask(
    row: Enrollment, person: Person, region_id: str, on: date, reason: str, by: User, at: datetime
) -> Proposal:
    try:
        with transaction.atomic():
            return proposals.propose(
                kind=KIND,
                subject=row,
                region_id=row.region_id,
                title=person.name,
                difference={
                    "person": person.pk,
                    "from": row.region_id,
                    "to": region_id,
                    "last_day": on.isoformat(),
                },
                reason=reason[:500],
                by=by,
                at=at,
            )
    except IntegrityError as error:
        if violated(error) == "proposal_one_open":
            raise TransferWaits() from None
        raise


def _approve(proposal: Proposal, by: User, at: datetime) -> None:
    enrollment = register.lock_enrollment(int(proposal.subject_id))
    if enrollment.state == EnrollmentState.ENDED:
        raise TransferMoved()
    wanted = date.fromisoformat(proposal.difference["last_day"])
    last_day = max(wanted, enrollment.started_on)
    register.end_locked(
        enrollment, on=last_day, end_reason=EndReason.TRANSFER, reason=proposal.reason, by=by, at=at
    )
    person, to = enrollment.person, proposal.difference["to"]
    here = Enrollment.objects.filter(person=person, region_id=to, scheme=enrollment.scheme)
    if here.exclude(state=EnrollmentState.ENDED).exists():
        return
    register.enroll_locked(
        person,
        region_id=to,
        scheme=enrollment.scheme,
        on=last_day + DAY,
        reason=proposal.reason,
        by=proposal.made_by,
        at=at,
    )


proposals.register(proposals.Kind(KIND, _("transfer to another pooling region"), ACTION, _approve))
