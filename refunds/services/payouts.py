"""Payout batches: approved cases frozen into a file with its digest by one person, let go by another, never changed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.text import format_lazy

from bureau import access, audit
from bureau.clock import BUREAU_ZONE, day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.money import ZERO
from payments.files.delivery import Delivered, sm3, write_atomically
from payments.models import BankProfile
from refunds.models import PayeeAccount, PayoutBatch, PayoutLine, RefundCase
from refunds.models.choices import FUND_ACCOUNT, LEFT_OUT, PAYOUT_STATES, TREASURY
from refunds.pain import VERSIONS, pain001
from refunds.payoutfile import (
    TREASURY_KEY,
    PayoutHeader,
    PayoutRow,
    layout_e,
    payout_name,
    treasury_list,
    unwritable,
)
from refunds.services import caselines, steps
from refunds.services.facts import collect
from refunds.states import PAYING, CaseState, PayoutState

PAYOUT, RELEASE = "refund.payout", "refund.release"
MOST_LINES = 50_000
SENT = {FUND_ACCOUNT: CaseState.FUND_PAYMENT, TREASURY: CaseState.TREASURY_SENT}


class NothingToPay(BureauError):
    """No approved case of this route waits, or none that this person may pay out."""

    code = "PAYOUT_NOTHING"
    message = gettext_noop("No approved refund can be paid out now. Left out: %(left_out)s.")


class PayoutMoved(BureauError):
    """Somebody was faster."""

    code = "PAYOUT_MOVED"
    message = gettext_noop("Batch %(batch)s is %(state)s.")


class PayoutUnknown(BureauError):
    """No such batch in one's regions."""

    code = "PAYOUT_UNKNOWN"
    message = gettext_noop("There is no such payout batch.")


class PayoutSecondPerson(BureauError):
    """The maker tried to release."""

    code = "SECOND_PERSON_NEEDED"
    message = gettext_noop("A second person must decide this: you made it.")


class PayoutChanged(BureauError):
    """The file would differ from the one that was frozen; nothing leaves."""

    code = "PAYOUT_CHANGED"
    message = gettext_noop("Batch %(batch)s would give another file than the one that was frozen.")


@dataclass(frozen=True)
class _Wanted:
    """A case that can be paid now, with everything its line says."""

    case: RefundCase
    account: PayeeAccount
    tax_number: str

    @property
    def ref(self) -> str:
        """退费单号: the case and the try."""
        return f"{self.case.number}-{self.case.tries + 1:02d}"

    def row(self, seq: int) -> PayoutRow:
        """Its line."""
        account = self.account
        return PayoutRow(
            seq, account.account, account.holder, self.case.amount, self.ref, account.bank_name, account.cnaps,
            self.tax_number,
        )  # fmt: skip


def freeze(
    *, route: str, region_id: str, by: User, at: datetime, bank: str = "", layout: str = ""
) -> PayoutBatch:
    """Put every approved case of a route and region into a batch: the file is determined from now on by its digest.

    Cases that ``by`` signed, without a confirmed account, without a tax voucher (treasury), or with values that cannot be
    written, stay for another batch; ``left_out`` counts them. Raises NothingToPay, NotAllowed, OutOfScope.
    """
    with (
        transaction.atomic(),
        audit.acting(by=by, why="freeze a payout batch", region=region_id, route=route),
    ):
        access.require(by, PAYOUT, region_id)
        profile = BankProfile.objects.get(pk=bank) if route == FUND_ACCOUNT else None
        chosen = layout or (PayoutBatch.Layout.E if profile else PayoutBatch.Layout.TREASURY)
        wanted, left_out = _wanted(route, region_id, by)
        if not wanted:
            raise NothingToPay(left_out=counted(left_out))
        batch = PayoutBatch(
            route=route,
            region_id=region_id,
            bank=profile,
            layout=str(chosen),
            day=day_of(at),
            number=_next_number(route, region_id, profile, at),
            lines=len(wanted),
            amount=sum((one.case.amount for one in wanted), ZERO),
            left_out=dict(left_out),
            made_by=by,
            made_at=at,
        )
        rows = [one.row(seq) for seq, one in enumerate(wanted, start=1)]
        batch.digest = sm3(_bytes(batch, rows))
        batch.save(force_insert=True)
        PayoutLine.objects.bulk_create(
            PayoutLine(
                batch=batch,
                seq=row.seq,
                case=one.case,
                nth=one.case.tries + 1,
                region_id=region_id,
                ref=row.ref,
                account=row.account,
                holder=row.holder,
                bank_name=row.bank_name,
                cnaps=row.cnaps,
                tax_number=row.tax_number,
                amount=row.amount,
            )
            for one, row in zip(wanted, rows, strict=True)
        )
        cases = [one.case for one in wanted]
        steps.move(
            cases, SENT[route], by=by, at=at, details={"batch": batch.pk}, payout_by=by, payout_at=at, tries=F("tries") + 1
        )  # fmt: skip
        return batch


def _wanted(route: str, region_id: str, by: User) -> tuple[list[_Wanted], Counter[str]]:
    rows = RefundCase.objects.select_for_update(of=("self",)).filter(
        region_id=region_id, state=CaseState.TAX_APPROVED, route=route
    )
    cases = list(rows.order_by("pk")[:MOST_LINES])
    accounts = {
        row.case_id: row
        for row in PayeeAccount.objects.filter(
            case_id__in=[case.pk for case in cases], confirmed_by__isnull=False
        ).order_by("case_id", "number")
    }
    numbers = _tax_numbers(cases) if route == TREASURY else {}
    found, left_out = [], Counter[str]()
    for case in cases:
        one = _Wanted(case, accounts[case.pk], numbers.get(case.pk, "")) if case.pk in accounts else None
        reason = _left_out(case, one, route, by)
        if reason or one is None:
            left_out[reason] += 1
        else:
            found.append(one)
    return found, left_out


def _left_out(case: RefundCase, one: _Wanted | None, route: str, by: User) -> str:
    if by.pk in (case.submitted_by_id, case.reviewed_by_id, case.approved_by_id):
        return "SIGNED_BY_YOU"
    if one is None:
        return "NO_ACCOUNT"
    if route == TREASURY and not one.tax_number:
        return "NO_TAX_NUMBER"
    return "NOT_WRITABLE" if unwritable(one.row(1)) else ""


def _tax_numbers(cases: Sequence[RefundCase]) -> dict[int, str]:
    """The treasury's voucher of the money of each case."""
    lines = {case.pk: list(case.lines.order_by("pk")) for case in cases}
    sources = [caselines.source_of(line) for found in lines.values() for line in found]
    money = collect(sources=sources)
    return {key: money[caselines.source_of(found[0])].tax_number for key, found in lines.items()}


def _next_number(route: str, region_id: str, profile: BankProfile | None, at: datetime) -> int:
    today = PayoutBatch.objects.filter(route=route, region_id=region_id, bank=profile, day=day_of(at))
    return (today.aggregate(last=Max("number"))["last"] or 0) + 1


def counted(left_out: Mapping[str, int]) -> Any:
    """What stayed out of a batch, in the reader's words."""
    parts = [part for reason, number in sorted(left_out.items()) for part in (LEFT_OUT[reason], number)]
    return format_lazy("；".join(["{} {}"] * len(left_out)), *parts) if parts else "0"


def header_of(batch: PayoutBatch) -> PayoutHeader:
    """What the first line of its file says."""
    return PayoutHeader(
        region=batch.region_id,
        bank=batch.bank_id or TREASURY_KEY,
        unit=batch.unit,
        day=batch.day,
        batch=f"{batch.number:04d}",
        lines=batch.lines,
        amount=batch.amount,
    )


def name_of(batch: PayoutBatch) -> str:
    """The name of its file."""
    return payout_name(header_of(batch), "xml" if batch.layout in VERSIONS else "txt")


def _bytes(batch: PayoutBatch, rows: Sequence[PayoutRow]) -> bytes:
    header = header_of(batch)
    if batch.layout in VERSIONS:
        made_at = batch.made_at.astimezone(BUREAU_ZONE)
        return pain001(header, rows, version=batch.layout, made_at=made_at)
    return (
        treasury_list(header, rows) if batch.layout == PayoutBatch.Layout.TREASURY else layout_e(header, rows)
    )


def content(batch: PayoutBatch) -> bytes:
    """The file of a batch from its frozen lines. Raises PayoutChanged where it is not the one that was frozen."""
    rows = [
        PayoutRow(
            line.seq, line.account, line.holder, line.amount, line.ref, line.bank_name, line.cnaps, line.tax_number
        )
        for line in batch.payouts.order_by("seq")
    ]  # fmt: skip
    written = _bytes(batch, rows)
    if sm3(written) != batch.digest:
        raise PayoutChanged(batch=batch.title)
    return written


def release(*, batch_id: int, by: User, at: datetime) -> PayoutBatch:
    """Let a batch go to the bank or the treasury. Raises PayoutUnknown, PayoutMoved, PayoutSecondPerson, NotAllowed."""
    with transaction.atomic(), audit.acting(by=by, why="release a payout batch", batch=batch_id):
        batch = _frozen(batch_id, by)
        access.require(by, RELEASE, batch.region_id)
        if batch.made_by_id == by.pk:
            raise PayoutSecondPerson()
        content(batch)
        batch.state, batch.released_by, batch.released_at = PayoutState.RELEASED.value, by, at
        batch.save(update_fields=["state", "released_by", "released_at"])
        return batch


def drop(*, batch_id: int, words: str, by: User, at: datetime) -> PayoutBatch:
    """Give up a batch that nobody released: its cases wait for the next one. Raises as release, and ReasonNeeded."""
    reason = steps.words_of(words)[:300]
    with transaction.atomic(), audit.acting(by=by, why=reason, batch=batch_id):
        batch = _frozen(batch_id, by)
        access.require(by, PAYOUT, batch.region_id)
        cases = list(
            RefundCase.objects.select_for_update(of=("self",))
            .filter(payouts__batch=batch, state__in=PAYING)
            .order_by("pk")
        )
        batch.state, batch.words = PayoutState.DROPPED.value, reason
        batch.save(update_fields=["state", "words"])
        steps.move(
            cases, CaseState.TAX_APPROVED, by=by, at=at, details={"batch": batch.pk}, payout_by=None, payout_at=None
        )  # fmt: skip
        return batch


def _frozen(batch_id: int, by: User) -> PayoutBatch:
    rows = PayoutBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id)
    batch = access.for_user(rows, by).order_by("pk").first()
    if batch is None:
        raise PayoutUnknown()
    if batch.state != PayoutState.FROZEN:
        raise PayoutMoved(batch=batch.title, state=PAYOUT_STATES[batch.state])
    return batch


def write(*, batch_id: int, folder: Path, by: User, at: datetime) -> Delivered:
    """Write the file of a released batch and its digest file into ``folder``; downloaded is not paid.

    Raises PayoutUnknown, PayoutMoved, PayoutChanged, NotAllowed, OutOfScope.
    """
    with (
        transaction.atomic(),
        audit.acting(by=by, why="write a payout file", batch=batch_id, at=at.isoformat()),
    ):
        batch = access.for_user(PayoutBatch.objects.filter(pk=batch_id), by).order_by("pk").first()
        if batch is None:
            raise PayoutUnknown()
        access.require(by, PAYOUT, batch.region_id)
        if batch.state != PayoutState.RELEASED:
            raise PayoutMoved(batch=batch.title, state=PAYOUT_STATES[batch.state])
        return write_atomically(folder / name_of(batch), [content(batch)])


def export(
    *,
    route: str,
    region_id: str,
    folder: Path,
    by: User,
    release_by: User,
    at: datetime,
    bank: str = "",
    layout: str = "",
) -> tuple[PayoutBatch | None, list[tuple[PayoutBatch, Delivered]]]:
    """Freeze what waits, release it by a second person, write the day's released files again; the new batch, or None
    where nothing waits. Raises what freeze, release and write raise, but NothingToPay.
    """
    batch = None
    try:
        batch = freeze(route=route, region_id=region_id, bank=bank, layout=layout, by=by, at=at)
    except NothingToPay:
        batch = None
    except IntegrityError as error:
        raise PayoutMoved(batch=f"{route} {region_id}", state=str(error)[:80]) from error
    if batch is not None:
        release(batch_id=batch.pk, by=release_by, at=at)
    written = [
        (one, write(batch_id=one.pk, folder=folder, by=release_by, at=at))
        for one in _of_day(route, region_id, at)
    ]
    return batch, written


def _of_day(route: str, region_id: str, at: datetime) -> Iterable[PayoutBatch]:
    return PayoutBatch.objects.filter(
        route=route, region_id=region_id, day=day_of(at), state=PayoutState.RELEASED
    ).order_by("number")
