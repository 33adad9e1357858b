"""Vouchers: issued some hours after posting by the region's terms, numbered without gaps, printed, cancelled.

Whoever issues locks the row of the series first, so numbers of a region and year follow each other whoever issues them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from bureau import access, audit
from bureau.clock import BUREAU_ZONE, day_of
from bureau.errors import BureauError, gettext_noop
from bureau.identity import mask_id
from bureau.models import Region, User
from bureau.partitions import open_years
from enrollment.models import Person
from enrollment.services import identities, policies
from payments import verification
from payments.models import (
    OrderLine,
    Payment,
    Reversal,
    SettlementLine,
    Swap,
    Voucher,
    VoucherCancellation,
    VoucherPrint,
    VoucherSeries,
)
from payments.models.settlement import Ours, Side, Turn
from payments.services import statements
from payments.states import Outcome

CHUNK = 20_000
PAYMENTS_A_YEAR = 10**12
PRINT = "voucher.print"


class VoucherPaymentUnknown(BureauError):
    """No such payment, or not this partner's."""

    code = "PAYMENT_UNKNOWN"
    message = gettext_noop("There is no payment %(payment)s.")


class VoucherNotReady(BureauError):
    """P26: the voucher is issued some hours after posting."""

    code = "VOUCHER_NOT_READY"
    message = gettext_noop("The voucher can be downloaded from %(time)s on.")


class VoucherCancelled(BureauError):
    """The money went back."""

    code = "VOUCHER_CANCELLED"
    message = gettext_noop("The payment was taken back or refunded: its voucher is cancelled.")


class DocumentDiffers(BureauError):
    """The document that was shown is another person's."""

    code = "VOUCHER_DOCUMENT_DIFFERS"
    message = gettext_noop(
        "The document is not that of the insured. Who collects for somebody else shows the insured's document and signs."
    )


@dataclass(frozen=True)
class Content:
    """What a voucher says; ``in_treasury`` is None before the treasury has told of the money."""

    payment_id: int
    number: str
    name: str
    id_number: str
    region: str
    year: int
    amount: Decimal
    channel: str
    debited_on: date
    in_treasury: date | None
    issued_on: date
    cancelled_on: date | None
    code: str


def issue_due(*, at: datetime) -> int:
    """Issue every voucher whose time has come, cancel those whose money was taken back; returns how many were issued."""
    issued = 0
    for year in open_years():
        low = year * PAYMENTS_A_YEAR
        found = statements.rows("voucher_regions", low=low, high=low + PAYMENTS_A_YEAR)
        for row in found:
            while made := issue(region_id=row["region_id"], year=year, at=at):
                issued += made
    cancel_reversed(at=at)
    return issued


def issue(*, region_id: str, year: int, at: datetime, most: int = CHUNK) -> int:
    """Issue the next vouchers of a series, at most ``most``; returns how many. A region without terms issues none."""
    try:
        delay = delay_of(region_id, year)
    except policies.NoPolicy:
        return 0
    with transaction.atomic(), audit.acting(by=None, why="issue vouchers", region=region_id, year=year):
        series = _locked(region_id, year)
        low = year * PAYMENTS_A_YEAR
        made = statements.execute(
            "issue_vouchers",
            region=region_id,
            low=low,
            high=low + PAYMENTS_A_YEAR,
            last=series.last,
            before=at - delay,
            at=at,
            most=most,
        )
        if made:
            series.last += made
            series.save(update_fields=["last"])
        return made


def delay_of(region_id: str, year: int) -> timedelta:
    """How long after posting a voucher is issued. Raises NoPolicy."""
    return timedelta(hours=policies.in_force(region_id, year).values.voucher_delay_hours)


def of_payment(*, payment_id: int, at: datetime, client: str | None = None) -> Voucher:
    """The voucher of a payment, issued now where its time has come and nobody was faster.

    ``client``: only of that partner's orders. Raises VoucherPaymentUnknown, VoucherNotReady, VoucherCancelled.
    """
    payment = Payment.objects.filter(pk=payment_id).order_by("pk").first()
    if payment is None or not _is_of(payment, client):
        raise VoucherPaymentUnknown(payment=payment_id)
    found = Voucher.objects.filter(pk=payment_id).order_by("pk").first()
    gone = VoucherCancellation.objects.filter(pk=payment_id).exists()
    if gone or Reversal.objects.filter(payment_id=payment_id).exists():
        raise VoucherCancelled()
    return found or _issue_one(payment, at)


def _is_of(payment: Payment, client: str | None) -> bool:
    if client is None:
        return True
    lines = OrderLine.objects.filter(pk=payment.line_id or 0, order__client_code=client)
    return lines.exists()


def _issue_one(payment: Payment, at: datetime) -> Voucher:
    ready = payment.posted_at + delay_of(payment.region_id, payment.benefit_year)
    if at < ready:
        raise VoucherNotReady(time=f"{ready.astimezone(BUREAU_ZONE):%Y-%m-%d %H:%M}")
    with transaction.atomic(), audit.acting(by=None, why="issue a voucher", payment=payment.pk):
        series = _locked(payment.region_id, payment.benefit_year)
        found = Voucher.objects.filter(pk=payment.pk).order_by("pk").first()
        if found is not None:
            return found
        series.last += 1
        series.save(update_fields=["last"])
        return Voucher.objects.create(
            pk=payment.pk, region_id=payment.region_id, number=series.last, issued_at=at
        )


def _locked(region_id: str, year: int) -> VoucherSeries:
    VoucherSeries.objects.bulk_create(
        [VoucherSeries(region_id=region_id, benefit_year=year)], ignore_conflicts=True
    )
    return VoucherSeries.objects.select_for_update(of=("self",)).get(region_id=region_id, benefit_year=year)


def contents(vouchers: Sequence[Voucher]) -> list[Content]:
    """What these vouchers say, in their order; a fixed number of queries."""
    keys = [voucher.pk for voucher in vouchers]
    paid = {one.pk: one for one in Payment.objects.filter(pk__in=keys)}
    people = Person.objects.in_bulk({one.person_id for one in paid.values()})
    names = dict(Region.objects.filter(pk__in={one.region_id for one in vouchers}).values_list("pk", "name"))
    gone = dict(VoucherCancellation.objects.filter(pk__in=keys).values_list("voucher_id", "cancelled_at"))
    treasury = treasury_days(keys)
    found = []
    for voucher in vouchers:
        payment = paid[voucher.pk]
        person = people[payment.person_id]
        number = str(voucher)
        found.append(
            Content(
                payment_id=payment.pk,
                number=number,
                name=person.name,
                id_number=mask_id(person.id_number),
                region=names[voucher.region_id],
                year=voucher.benefit_year,
                amount=payment.amount,
                channel=payment.channel,
                debited_on=payment.debited_on,
                in_treasury=treasury.get(payment.pk),
                issued_on=day_of(voucher.issued_at),
                cancelled_on=day_of(gone[payment.pk]) if payment.pk in gone else None,
                code=verification.code_of(
                    settings.VOUCHER_SECRETS[0], number=number, name=person.name, amount=payment.amount
                ),
            )
        )
    return found


def treasury_days(payment_ids: Sequence[int]) -> dict[int, date]:
    """The day on which the treasury had the money of each payment, by its own settlement; none where it has not told."""
    days = _told(Ours.PAYMENT, payment_ids)
    # Money that changed places is known to the treasury by what it was booked as first.
    lines = dict(Swap.objects.filter(carried_by__in=payment_ids).values_list("carried_by", "duplicate_id"))
    if lines:
        twice = _told(Ours.DUPLICATE, lines.values())
        firsts = dict(Swap.objects.filter(line_id__in=lines.values()).values_list("line_id", "payment_id"))
        first = _told(Ours.PAYMENT, [key for key in firsts.values() if key is not None])
        for payment, line in lines.items():
            on = days.get(payment) or twice.get(line) or first.get(firsts.get(line) or 0)
            if on is not None:
                days[payment] = on
    return days


def _told(kind: Ours, numbers: Collection[int]) -> dict[int, date]:
    told = SettlementLine.objects.filter(
        side=Side.TREASURY,
        turn=Turn.RECEIPT,
        ours_kind=kind,
        ours_id__in=numbers,
        outcome__in=[Outcome.MATCHED, Outcome.AMOUNT_DIFF, Outcome.DATE_DIFF],
    )
    return {key: on for key, on in told.values_list("ours_id", "day") if key is not None}


def matches(*, number: str, code: str, name: str, amount: Decimal) -> bool:
    """Whether a paper that says this is a voucher of ours that counts; nothing else is told."""
    read = verification.read_number(number)
    if read is None:
        return False
    if not verification.agrees(settings.VOUCHER_SECRETS, code, number=str(read), name=name, amount=amount):
        return False
    low = read.year * PAYMENTS_A_YEAR
    found = (
        Voucher.objects.filter(
            pk__gte=low, pk__lt=low + PAYMENTS_A_YEAR, region_id=read.region, number=read.number
        )
        .order_by("pk")
        .first()
    )
    return found is not None and not VoucherCancellation.objects.filter(pk=found.pk).exists()


def print_paper(
    *, payment_id: int, nth: int, id_type: str, id_number: str, collector: str, by: User, at: datetime
) -> VoucherPrint:
    """Note a print at the hall after looking at the insured's document; the same ``nth`` again is the same print.

    ``collector`` is who collects it for the insured. Raises VoucherPaymentUnknown, VoucherNotReady, VoucherCancelled,
    DocumentDiffers, NotAllowed, OutOfScope, and what is wrong with the number.
    """
    with transaction.atomic(), audit.acting(by=by, why="print a voucher", payment=payment_id):
        voucher = of_payment(payment_id=payment_id, at=at)
        access.require(by, PRINT, voucher.region_id)
        person_id = Payment.objects.values_list("person_id", flat=True).get(pk=payment_id)
        person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person_id)
        number = identities.check_number(id_type, id_number, today=day_of(at))
        shown = identities.found_by_number(id_type, number)
        if shown is None or shown.pk not in (person.pk, person.merged_into_id):
            raise DocumentDiffers()
        prints = VoucherPrint.objects.filter(voucher_id=payment_id)
        done = prints.filter(nth=nth, printed_by=by).order_by("pk").first()
        if done is not None:
            return done
        return VoucherPrint.objects.create(
            voucher_id=payment_id,
            nth=prints.count() + 1,
            region_id=voucher.region_id,
            id_type=id_type,
            collector=collector.strip()[:80],
            printed_by=by,
            printed_at=at,
        )


def cancel(*, payment_ids: Sequence[int], reason: str, reference: str, by: User | None, at: datetime) -> int:
    """Cancel the vouchers of payments whose money goes back (``reason``: REFUNDED or REVERSED); returns how many were new.

    Called inside the transaction of whoever gives the money back. A payment without a voucher gets a cancellation too,
    so that none is issued later; the same call again changes nothing.
    """
    with transaction.atomic():
        rows = Payment.objects.filter(pk__in=payment_ids).values_list("pk", "region_id")
        known = set(
            VoucherCancellation.objects.filter(pk__in=payment_ids).values_list("voucher_id", flat=True)
        )
        fresh = [
            VoucherCancellation(
                voucher_id=key,
                region_id=region,
                reason=reason,
                reference=reference[:40],
                cancelled_by=by,
                cancelled_at=at,
            )
            for key, region in rows
            if key not in known
        ]
        VoucherCancellation.objects.bulk_create(fresh, ignore_conflicts=True)
        return len(fresh)


def cancel_reversed(*, at: datetime) -> int:
    """Cancel vouchers of money that a bank or channel took back; returns how many."""
    with transaction.atomic(), audit.acting(by=None, why="cancel vouchers of reversed payments"):
        return statements.execute("cancel_reversed_vouchers", at=at)
