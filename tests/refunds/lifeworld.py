"""The small town of a long life: who paid once, who paid twice and in which way; and books that are cheap to look through."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

from bureau import audit
from bureau.models import Attachment, User
from enrollment.models import Person
from payments.models import DuplicatePayment, OrderLine, Payment, Receivable, Reversal, Swap
from payments.models.payments import FIRST_REFUND
from payments.services import orderpayments, orders
from payments.services.orders import Payer, Wanted
from payments.states import Bucket
from refunds.models import RefundCase, RefundLine
from refunds.services import filing
from tests.payments import bookbuilders, settlementkit
from tests.payments.bookbuilders import Answer
from tests.payments.settlementkit import Settled
from tests.refunds import refundkit

YEAR = 2025
IN_WINDOW = datetime(2024, 10, 10, 2, 0, tzinfo=UTC)
LATER = datetime(2024, 11, 11, 2, 0, tzinfo=UTC)
SOON = timedelta(minutes=1)
SETTLED_ON, VOUCHER = date(2025, 1, 17), "345000000000000011"


@dataclass
class Town:
    """Staff, and persons by how they paid; the first of ``doubles`` cannot be swapped (a counter's payment has no line);
    the money of ``treasured``, one of ``singles``, is in the treasury.
    """

    desk: refundkit.Desk
    treasured: Person
    doubles: list[Person] = field(default_factory=list)
    singles: list[Person] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        """Everybody."""
        return [*self.doubles, *self.singles]


def build() -> Town:
    """Three who paid twice: at the counter and by the bank, by phone and by the bank, by two phones; three who paid once, one
    of whom the treasury has confirmed.
    """
    desk = refundkit.desk()
    at_counter = refundkit.paid_twice(desk)[0].person
    by_bank = _due(1)
    _by_phone(by_bank[0], "WECHAT", "wx", IN_WINDOW)
    _debited_too(desk, by_bank)
    by_phones = _due(1)
    _two_phones(by_phones[0])
    payments = refundkit.paid(desk, 1)
    (treasured,) = refundkit.paid(desk, 1)
    _in_treasury(desk, treasured)
    alone = _due(1)
    _by_phone(alone[0], "WECHAT", "wx", LATER)
    doubles = [at_counter, by_bank[0].person, by_phones[0].person]
    assert DuplicatePayment.objects.filter(person__in=doubles).count() == len(doubles)
    town = Town(desk, treasured.person, doubles, [payments[0].person, treasured.person, alone[0].person])
    refundkit.settle()
    return town


def _due(number: int) -> list[Receivable]:
    with audit.acting(by=None, why="a test's receivables"):
        return [bookbuilders.assess() for _ in range(number)]


def _in_treasury(desk: refundkit.Desk, payment: Payment) -> None:
    """The treasury confirms the money with its voucher."""
    line = Settled(payment.pk, VOUCHER, payment.amount, on=payment.debited_on)
    report = settlementkit.settled([line], desk.clerk, at=refundkit.AT, day=SETTLED_ON)
    assert settlementkit.lines_of(report)["MATCHED"] == 1


def _open(person: Person, channel: str, client: str, at: datetime) -> orders.Order:
    payer = Payer(person.name, f"2088-{person.pk}")
    wanted = [Wanted(person.pk, YEAR, None)]
    return orders.open_order(client=client, channel=channel, payer=payer, wanted=wanted, at=at, consent=True)


def _told(order: orders.Order, client: str, at: datetime) -> None:
    orderpayments.pay(
        number=order.number, client=client, serial=f"{client}-{order.pk}", amount=order.amount,
        debited_at=at, at=at,
    )  # fmt: skip


def _by_phone(receivable: Receivable, channel: str, client: str, at: datetime) -> None:
    _told(_open(receivable.person, channel, client, at), client, at + SOON)


def pay_again(person: Person, at: datetime) -> None:
    """A new order of a person, paid at once. Raises what stands in the way."""
    _told(_open(person, "WECHAT", "wx", at), "wx", at + SOON)


def _two_phones(receivable: Receivable) -> None:
    """The order of one channel was given up, another was paid, and the first was debited all the same."""
    given_up = _open(receivable.person, "WECHAT", "wx", IN_WINDOW)
    orders.cancel(number=given_up.number, client="wx", at=IN_WINDOW + SOON)
    _by_phone(receivable, "ALIPAY", "ali", LATER)
    _told(given_up, "wx", LATER + 2 * SOON)


def _debited_too(desk: refundkit.Desk, due: Sequence[Receivable]) -> None:
    with audit.acting(by=desk.clerk, why="a test's duplicates"):
        batch, asked = bookbuilders.freeze(due, desk.books, number=900)
        twice = [
            Answer(one, Bucket.DUPLICATE, reason="ALREADY_PAID", carried_by=one.receivable_id * 100)
            for one in asked
        ]
        bookbuilders.apply_file(batch, desk.books, twice, name="LIFE")


# --- what a life asks of the town ----------------------------------------------------------------


@dataclass(frozen=True)
class Now:
    """What a life looks at before each step, by keys: cases with their states, batches, held answers, swaps that wait for a
    second person, duplicates that have not gone back, those of them beside which nothing carries the year, persons whose
    year a payment carries.
    """

    known: list[tuple[int, str]]
    batches: list[int]
    held: list[int]
    waiting: list[int]
    doubles: list[int]
    alone: list[int]
    carried: set[int]


_NOW = """
SELECT ARRAY(SELECT id || ' ' || state FROM refunds_refundcase ORDER BY id),
       ARRAY(SELECT id FROM refunds_payoutbatch ORDER BY id),
       ARRAY(SELECT id FROM refunds_payoutfile WHERE state = 'HELD' ORDER BY id),
       ARRAY(SELECT id FROM bureau_proposal WHERE kind = %s AND state = 'OPEN' ORDER BY id),
       ARRAY(SELECT d.line_id || ' ' || d.person_id FROM payments_duplicatepayment d
              WHERE NOT EXISTS (SELECT FROM payments_reversal v WHERE v.duplicate_id = d.line_id) ORDER BY d.line_id),
       ARRAY(SELECT p.person_id FROM payments_payment p
              WHERE NOT EXISTS (SELECT FROM payments_reversal v WHERE v.payment_id = p.id))
"""


def look(swap: str) -> Now:
    """The town as it is; ``swap`` is the kind of a swap's proposal."""
    with connection.cursor() as cursor:
        cursor.execute(_NOW, [swap])
        cases, batches, held, waiting, doubles, carried = cursor.fetchone()
    known = [(int(key), state) for key, state in (case.split() for case in cases)]
    pairs = [(int(line), int(person)) for line, person in (double.split() for double in doubles)]
    alone = [line for line, person in pairs if person not in carried]
    return Now(known, batches, held, waiting, [line for line, _person in pairs], alone, set(carried))


def money(*, live: bool) -> list[Payment | DuplicatePayment]:
    """Everything that was booked, or what of it has not gone back."""
    gone = Reversal.objects.exclude(duplicate_id=None).values("duplicate_id")
    back = Reversal.objects.exclude(payment_id=None).values("payment_id")
    doubles, payments = DuplicatePayment.objects.order_by("pk"), Payment.objects.order_by("pk")
    return [*doubles.exclude(pk__in=gone), *payments.exclude(pk__in=back)] if live else [*doubles, *payments]


def taken_back(person: Person, *, nth: int) -> Reversal | None:
    """The channel takes back what came by one of a person's orders, told on the day of its debit; None where nothing did."""
    lines = OrderLine.objects.filter(person=person).values("pk")
    rows = [
        *Payment.objects.filter(line_id__in=lines).order_by("pk"),
        *DuplicatePayment.objects.filter(pk__in=lines).order_by("pk"),
    ]
    if not rows:
        return None
    row = rows[nth % len(rows)]
    told = datetime.combine(row.debited_on, time(4), UTC)
    return orderpayments.reverse(payment_id=row.pk, client=None, at=told)


def bring_papers(case: RefundCase, by: User, at: datetime) -> None:
    """Whatever is missing is there: the pictures themselves are other tests' matter."""
    for kind in filing.papers_missing(case, list(case.lines.all())):
        Attachment.objects.create(
            subject_type=case._meta.label_lower,
            subject_id=str(case.pk),
            region_id=case.region_id,
            kind=kind.value,
            name=f"{kind}.jpg",
            stored_as=f"{secrets.token_hex(16)}.jpg",
            content_type="image/jpeg",
            size=1,
            sha256="0" * 64,
            uploaded_by=by,
            uploaded_at=at,
        )


def turns_taken() -> list[str]:
    """Which turns of the world around the refunds this life took."""
    seen = []
    lines = list(RefundLine.objects.select_related("case"))
    for swap in Swap.objects.all():
        seen.append("a swap" if swap.payment_id else "a duplicate carried the year alone")
        before, after = {swap.payment_id, swap.duplicate_id}, {swap.carried_by, swap.line_id}
        for line in lines:
            about = {line.payment_id, line.duplicate_id} - {None}
            if about & before and line.case.opened_at < swap.swapped_at:
                seen.append("a swap after a case")
            if about & after and line.case.opened_at > swap.swapped_at:
                seen.append("a case after a swap")
    refunded = Reversal.objects.filter(line_id__gte=FIRST_REFUND).exclude(payment_id=None)
    if any(Payment.objects.filter(pk=(one.payment_id or 0) + 1).exists() for one in refunded):
        seen.append("paid again after a refund")
    return seen
