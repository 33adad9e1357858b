"""Money asked for: what may be debited is frozen into batches, which a second person releases (design:
bank-files 7, 8.1).

A frozen instruction is everything its line in the bank's file says, for ever; with it, in the same
transaction, its receivable is held, so that no other channel collects it meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from bureau import access, audit, proposals
from bureau.calendars import load_calendar
from bureau.errors import BureauError, gettext_noop
from bureau.models import Proposal, User
from bureau.money import yuan
from bureau.names import MIDDLE_DOT, MIDDLE_DOTS
from bureau.states import ProposalState
from enrollment.choices import DebitShift
from enrollment.models import Category
from enrollment.policy import Terms, is_pay_day
from enrollment.services import policies
from payments.files.delimited import NotWritable, RequestLine, request_line_text
from payments.models import BankProfile, DebitBatch
from payments.services import statements
from payments.states import BatchState

FREEZE = "batch.freeze"
RELEASE_KIND = "batch.release"
LAST_NUMBER = 9_999
MANY = 10_000
"""From so many new rows on the planner is told at once, not by and by."""
REMARKS = {
    Category.TEKUN: "特困",
    Category.ORPHAN: "孤儿",
    Category.DIBAO: "低保",
    Category.ZHONGCAN: "重残",
    Category.MONITORED: "监测对象",
}
"""What the bank's line says of the aid; fixed, since a file must come out the same in every language of the
desk.
"""


class BankUnknown(BureauError):
    """No profile of this bank."""

    code = "BANK_UNKNOWN"
    message = gettext_noop("There is no profile of bank %(bank)s.")


class DebitBeforeWindow(BureauError):
    """The year cannot be paid yet on the debit day."""

    code = "DEBIT_BEFORE_WINDOW"
    message = gettext_noop("The debit day %(day)s lies before the payment window, which opens on %(open)s.")


class DebitAfterWindow(BureauError):
    """A run that would start after the window is refused (design: bank-files 8.1)."""

    code = "DEBIT_AFTER_WINDOW"
    message = gettext_noop("The debit day %(day)s lies after the payment window, which closed on %(close)s.")


class OutOfPayDays(BureauError):
    """The region takes payments on certain days of the month only."""

    code = "OUT_OF_PAY_DAYS"
    message = gettext_noop("The debit day %(day)s is not among the days %(first)s to %(last)s of the month.")


class DebitDayMissing(BureauError):
    """The region has no debit day of its own, so one must be said."""

    code = "DEBIT_DAY_MISSING"
    message = gettext_noop("Region %(region)s has no debit day for %(year)s: say one.")


class BatchNumbersUsedUp(BureauError):
    """Four digits number the batches of a bank, region and day."""

    code = "BATCH_NUMBERS_USED_UP"
    message = gettext_noop("There are no batch numbers left for bank %(bank)s on %(day)s.")


class ReceivableBusy(BureauError):
    """Another order took a receivable while it was being frozen, twice in a row."""

    code = "RECEIVABLE_BUSY"
    message = gettext_noop("Another channel is collecting some of these receivables right now: try again.")


class BatchNotFrozen(BureauError):
    """Only a frozen batch can be released or dropped."""

    code = "BATCH_NOT_FROZEN"
    message = gettext_noop("Batch %(batch)s is %(state)s.")


@dataclass(frozen=True)
class DebitDays:
    """The days on which the bank may debit, both included."""

    first: date
    last: date


def debit_days(*, profile: BankProfile, terms: Terms, wanted: date) -> DebitDays:
    """``wanted`` moved to a working day, and the last of the bank's debit days.

    Raises DebitBeforeWindow, DebitAfterWindow, OutOfPayDays, YearNotPublished.
    """
    calendar = load_calendar(wanted, wanted + timedelta(days=60))
    first = wanted if terms.debit_shift == DebitShift.NONE else calendar.next_workday(wanted)
    if first < terms.window_open:
        raise DebitBeforeWindow(day=first.isoformat(), open=terms.window_open.isoformat())
    if first > terms.window_close:
        raise DebitAfterWindow(day=first.isoformat(), close=terms.window_close.isoformat())
    if not is_pay_day(terms, first):
        raise OutOfPayDays(day=first.isoformat(), first=terms.pay_day_from, last=terms.pay_day_to)
    return DebitDays(first, calendar.nth_workday(first, profile.debit_days))


def usual_debit_date(*, region_id: str, year: int, today: date) -> date:
    """The region's own debit day: the next one from ``today`` on inside the window, else (a rehearsal) the
    window's first.

    Raises DebitDayMissing where the terms name none, NoPolicy.
    """
    terms = policies.in_force(region_id, year).values
    if terms.debit_day is None:
        raise DebitDayMissing(region=region_id, year=year)
    days = [day for day in _window(terms) if day.day == terms.debit_day]
    if not days:
        raise DebitDayMissing(region=region_id, year=year)
    return next((day for day in days if day >= today), days[0])


def _window(terms: Terms) -> Iterator[date]:
    for number in range((terms.window_close - terms.window_open).days + 1):
        yield terms.window_open + timedelta(days=number)


def freeze(
    *, region_id: str, year: int, bank: str, debit_date: date, by: User, at: datetime
) -> list[DebitBatch]:
    """Freeze what may be debited into batches for ``bank``, and propose the release of each; [] where nothing
    may.

    ``debit_date`` moves to the next working day, which becomes the first of the bank's debit days and the day
    of entrusting. Each batch keeps what stayed out, by reason (``left_out``); a receivable that stands in a
    batch of that day already is neither in nor out. Where another channel takes a receivable in between,
    freezing starts again, once. After a failed debit the bank's rules decide (payments/models/retries.py); a
    mandate that failed too often is cancelled here. Raises BankUnknown, DebitBeforeWindow, DebitAfterWindow, OutOfPayDays,
    BatchNumbersUsedUp, ReceivableBusy, YearNotPublished, NoPolicy, NotAllowed, OutOfScope.
    """
    for attempt in (1, 2):
        try:
            with (
                transaction.atomic(),
                audit.acting(by=by, why="freeze debits", region=region_id, year=year, bank=bank),
            ):
                access.require(by, FREEZE, region_id)
                profile, days = _run(region_id, year, bank, debit_date)
                with connection.cursor() as cursor:
                    _judge(cursor, region_id, year, profile, days)
                    _stop_mandates(cursor)
                    batches = _write(cursor, region_id, year, profile, days, by, at)
                    cursor.execute("DROP TABLE candidate")
                return batches
        except IntegrityError as error:
            if not _is_hold(error):
                raise
            if attempt == 2:
                raise ReceivableBusy() from error
    return []


def left_out(*, region_id: str, year: int, bank: str, debit_date: date) -> dict[str, int]:
    """How many receivables a freeze for that day would leave out now, by reason; nothing is written. Raises
    as freeze.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        profile, days = _run(region_id, year, bank, debit_date)
        _judge(cursor, region_id, year, profile, days)
        counts = _left_out(cursor)
        cursor.execute("DROP TABLE candidate")
        return counts


def batches_of_day(*, region_id: str, year: int, bank: str, debit_date: date) -> list[DebitBatch]:
    """The batches for that debit day that were not dropped, by number. Raises as freeze."""
    _profile, days = _run(region_id, year, bank, debit_date)
    same_day = DebitBatch.objects.filter(
        region_id=region_id, benefit_year=year, bank_id=bank, entrusted_on=days.first
    )
    return list(same_day.exclude(state=BatchState.DROPPED).order_by("number"))


def _run(region_id: str, year: int, bank: str, wanted: date) -> tuple[BankProfile, DebitDays]:
    profile = BankProfile.objects.filter(pk=bank).first()
    if profile is None:
        raise BankUnknown(bank=bank)
    terms = policies.in_force(region_id, year).values
    return profile, debit_days(profile=profile, terms=terms, wanted=wanted)


def _is_hold(error: IntegrityError) -> bool:
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    return constraint.startswith("payments_hold_")


def _judge(cursor: CursorWrapper, region_id: str, year: int, profile: BankProfile, days: DebitDays) -> None:
    """The temporary table ``candidate``: every receivable of the region and year, with a reason to stay out
    or none.
    """
    # Freezing in one region goes one at a time: batch numbers have no gaps and nobody waits for a unique
    # violation.
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.freeze'), %s)", [int(region_id)])
    statements.run(
        cursor,
        "freeze_judge",
        region=region_id,
        year=year,
        bank=profile.pk,
        debit_from=days.first,
        dots=MIDDLE_DOTS,
        dot=MIDDLE_DOT * len(MIDDLE_DOTS),
    )
    statements.run(cursor, "freeze_odd")
    refused = [row[0] for row in cursor.fetchall() if not _writable(row)]
    if refused:
        cursor.execute("UPDATE candidate SET reason = 'NAME_NOT_ENCODABLE' WHERE id = ANY(%s)", [refused])


def _writable(row: tuple[Any, ...]) -> bool:
    """Whether the writer of the request file would take these fields: asked of the writer itself."""
    key, account, holder, amount, cross_bank, bank_name, cnaps, agreement_no = row
    line = RequestLine(
        seq=1,
        account=account,
        holder=holder,
        amount=amount,
        mandate_no=agreement_no,
        ref=str(key),
        summary="",
        cross_bank=cross_bank,
        bank_name=bank_name,
        cnaps=cnaps,
    )
    try:
        request_line_text(line)
    except NotWritable:
        return False
    return True


def _stop_mandates(cursor: CursorWrapper) -> None:
    """Mandates that failed as often as the bank's rules allow are over: the payer signs a new one."""
    cursor.execute(
        "UPDATE payments_mandate SET state = 'CANCELLED' WHERE id IN "
        "(SELECT mandate_id FROM candidate WHERE reason = 'MANDATE_STOPPED') AND state = 'VERIFIED'"
    )


def _left_out(cursor: CursorWrapper) -> dict[str, int]:
    statements.run(cursor, "freeze_report")
    return dict(cursor.fetchall())


def _write(
    cursor: CursorWrapper,
    region_id: str,
    year: int,
    profile: BankProfile,
    days: DebitDays,
    by: User,
    at: datetime,
) -> list[DebitBatch]:
    statements.run(cursor, "freeze_parts", max_lines=profile.max_lines)
    parts: list[tuple[int, Decimal]] = cursor.fetchall()
    if not parts:
        return []
    counts = _left_out(cursor)
    cursor.execute(
        "SELECT coalesce(max(number), 0) FROM payments_debitbatch "
        "WHERE bank_id = %s AND region_id = %s AND entrusted_on = %s",
        [profile.pk, region_id, days.first],
    )
    last: int = cursor.fetchone()[0]
    if last + len(parts) > LAST_NUMBER:
        raise BatchNumbersUsedUp(bank=profile.pk, day=days.first.isoformat())
    batches = [
        DebitBatch.objects.create(
            region_id=region_id,
            bank=profile,
            benefit_year=year,
            entrusted_on=days.first,
            number=number,
            debit_from=days.first,
            debit_to=days.last,
            lines=lines,
            amount=amount,
            left_out=counts,
            made_by=by,
            made_at=at,
        )
        for number, (lines, amount) in enumerate(parts, start=last + 1)
    ]
    statements.run(
        cursor,
        "freeze_write",
        batches=[batch.pk for batch in batches],
        max_lines=profile.max_lines,
        region=region_id,
        categories=[category.value for category in REMARKS],
        remarks=list(REMARKS.values()),
        at=at,
    )
    if sum(lines for lines, _amount in parts) >= MANY:
        cursor.execute(f'ANALYZE "payments_instruction_{year}", "payments_hold_{year}"')
    for batch in batches:
        _propose(batch, by, at)
    return batches


def _propose(batch: DebitBatch, by: User, at: datetime) -> None:
    proposals.propose(
        kind=RELEASE_KIND,
        subject=batch,
        region_id=batch.region_id,
        title=batch.title,
        difference={
            "lines": batch.lines,
            "amount": yuan(batch.amount),
            "debit_from": batch.debit_from.isoformat(),
            "debit_to": batch.debit_to.isoformat(),
            "left_out": batch.left_out,
        },
        by=by,
        at=at,
    )


# --- the second person ---------------------------------------------------------------------------


def release(*, batch_id: int, by: User, at: datetime, reason: str = "") -> DebitBatch:
    """Release a frozen batch to the bank, as the second person; its open proposal is approved with it.

    Raises SecondPersonNeeded for its maker, BatchNotFrozen, NotAllowed, OutOfScope.
    """
    waiting = _open_proposal(batch_id)
    if waiting is not None:
        proposals.review(proposal_id=waiting.pk, approve=True, reason=reason, by=by, at=at)
    else:
        with transaction.atomic(), audit.acting(by=by, why=reason or "release a batch", batch=batch_id):
            batch = _frozen(batch_id)
            access.require(by, RELEASE_KIND, batch.region_id)
            _release(batch, by, at)
    return DebitBatch.objects.get(pk=batch_id)


def drop(*, batch_id: int, reason: str, by: User, at: datetime) -> DebitBatch:
    """Give a frozen batch up: its receivables are free again, its instructions stay as history.

    A second person rejects its proposal; its maker, or a supervisor where no proposal is open, may drop it as
    well. Raises ReasonNeeded, BatchNotFrozen, NotAllowed, OutOfScope.
    """
    if not reason.strip():
        raise proposals.ReasonNeeded()
    waiting = _open_proposal(batch_id)
    if waiting is not None and waiting.made_by_id != by.pk:
        proposals.review(proposal_id=waiting.pk, approve=False, reason=reason, by=by, at=at)
    else:
        with transaction.atomic(), audit.acting(by=by, why=reason, batch=batch_id):
            if waiting is not None:
                proposals.withdraw(proposal_id=waiting.pk, by=by, at=at)
            batch = _frozen(batch_id)
            access.require(by, FREEZE if batch.made_by_id == by.pk else RELEASE_KIND, batch.region_id)
            _drop(batch)
    return DebitBatch.objects.get(pk=batch_id)


def _open_proposal(batch_id: int) -> Proposal | None:
    return (
        Proposal.objects.filter(
            kind=RELEASE_KIND,
            subject_type=DebitBatch._meta.label_lower,
            subject_id=str(batch_id),
            state=ProposalState.OPEN,
        )
        .order_by("id")
        .first()
    )


def _frozen(batch_id: int) -> DebitBatch:
    batch = DebitBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state != BatchState.FROZEN:
        raise BatchNotFrozen(batch=batch.title, state=batch.state)
    return batch


def _release(batch: DebitBatch, by: User, at: datetime) -> None:
    if batch.made_by_id == by.pk:
        raise proposals.SecondPersonNeeded()
    batch.state, batch.released_by, batch.released_at = BatchState.RELEASED.value, by, at
    batch.save(update_fields=["state", "released_by", "released_at"])


def _drop(batch: DebitBatch) -> None:
    batch.state = BatchState.DROPPED.value
    batch.save(update_fields=["state"])
    statements.execute("drop_holds", batch=batch.pk, year=batch.benefit_year)


def _approve_release(proposal: Proposal, by: User, at: datetime) -> None:
    _release(_frozen(int(proposal.subject_id)), by, at)


def _reject_release(proposal: Proposal, by: User, at: datetime) -> None:
    _drop(_frozen(int(proposal.subject_id)))


proposals.register(
    proposals.Kind(
        RELEASE_KIND, _("release of a debit batch"), RELEASE_KIND, _approve_release, _reject_release
    )
)
