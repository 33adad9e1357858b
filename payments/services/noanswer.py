"""Instructions that no file has answered: two persons may let their receivables go (design: bank-files 8.1,
no answer).

They are listed, never taken for success; until then the hold stays. A debit that shows up afterwards is
settled if the receivable is still unpaid, else a duplicate.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.calendars import load_calendar
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, User
from bureau.money import yuan
from payments.models import BankFile, DebitBatch, InstructionRelease
from payments.services import statements
from payments.states import BatchState, FileState

KIND = "hold.release"
PROPOSE = "batch.freeze"
WAIT_WORKDAYS = 3


class BatchNotReleased(BureauError):
    """Only what was sent to the bank can lack an answer."""

    code = "BATCH_NOT_RELEASED"
    message = gettext_noop("Batch %(batch)s was not released to the bank.")


class TooEarly(BureauError):
    """The bank has three working days to answer."""

    code = "NO_ANSWER_TOO_EARLY"
    message = gettext_noop("Batch %(batch)s may be answered until %(day)s; nothing is let go before.")


class AnswerUnderWay(BureauError):
    """A file for the batch has arrived and is not finished: it may hold the answers."""

    code = "ANSWER_UNDER_WAY"
    message = gettext_noop("File %(file)s of batch %(batch)s is not finished: decide it first.")


class NothingUnanswered(BureauError):
    """Every instruction of the batch has an answer, or was let go already."""

    code = "NOTHING_UNANSWERED"
    message = gettext_noop("Every instruction of batch %(batch)s has an answer.")


def propose_no_answer_release(*, batch_id: int, reason: str, by: User, at: datetime) -> Proposal:
    """Propose to let go the instructions of a batch that no file has answered, on the bank's written word
    (``reason``).

    From the third working day after the last debit day on. Instructions with any line, pending and unmatched
    ones among them, are never let go. Raises ReasonNeeded, BatchNotReleased, TooEarly, AnswerUnderWay,
    NothingUnanswered, YearNotPublished, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    with transaction.atomic(), audit.acting(by=by, why=reason, batch=batch_id):
        batch = DebitBatch.objects.get(pk=batch_id)
        access.require(by, PROPOSE, batch.region_id)
        _check_unanswered(batch, at)
        lines, amount = _unanswered(batch)
        if not lines:
            raise NothingUnanswered(batch=batch.title)
        return proposals.propose(
            kind=KIND,
            subject=batch,
            region_id=batch.region_id,
            title=batch.title,
            difference={"lines": lines, "amount": yuan(amount)},
            reason=reason,
            by=by,
            at=at,
        )


def _check_unanswered(batch: DebitBatch, at: datetime) -> None:
    if batch.state != BatchState.RELEASED:
        raise BatchNotReleased(batch=batch.title)
    calendar = load_calendar(batch.debit_to, batch.debit_to + timedelta(days=60))
    first = calendar.add_workdays(batch.debit_to, WAIT_WORKDAYS)
    if day_of(at) < first:
        raise TooEarly(batch=batch.title, day=first.isoformat())
    unfinished = BankFile.objects.filter(
        batch=batch, state__in=[FileState.QUEUED, FileState.RUNNING, FileState.HELD, FileState.PARKED]
    )
    file_id = unfinished.order_by("id").values_list("pk", flat=True).first()
    if file_id is not None:
        raise AnswerUnderWay(batch=batch.title, file=file_id)


def _unanswered(batch: DebitBatch) -> tuple[int, Decimal]:
    """Lines and yuan of the batch's instructions that have no line in any file and still hold their
    receivable.
    """
    rows = statements.rows("unanswered", batch=batch.pk, year=batch.benefit_year)
    return rows[0]["lines"], rows[0]["amount"]


def _approve_no_answer(proposal: Proposal, by: User, at: datetime) -> None:
    batch = DebitBatch.objects.select_for_update(of=("self",)).get(pk=int(proposal.subject_id))
    _check_unanswered(batch, at)
    statements.execute(
        "release_unanswered", batch=batch.pk, year=batch.benefit_year, proposal=proposal.pk, at=at
    )
    if not InstructionRelease.objects.filter(proposal_id=proposal.pk).exists():
        raise NothingUnanswered(batch=batch.title)


proposals.register(
    proposals.Kind(KIND, _("release of receivables without an answer"), KIND, _approve_no_answer)
)
