"""Cash taken in villages: books, receipts posted as orders of the agent's channel, hand-overs, what is missing.

A receipt posts by the services of the orders: the agent's word is the channel's. The day on which the cash was paid is the
debit day, so cover does not suffer from a list that comes late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from bureau import access, attachments, audit
from bureau.clock import BUREAU_ZONE, day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import Attachment, User
from bureau.money import ZERO, yuan
from bureau.names import fold_name
from enrollment.models import Person
from enrollment.services import identities
from payments.models import CashHandover, CashReceipt, Channel, ReceiptBook, VillageAgent
from payments.services import orderpayments, orders
from payments.services.orders import Payer, Wanted

VIEW, MANAGE, ENTER = "agent.view", "agent.manage", "agent.enter"
LONGEST_LATE = timedelta(days=60)
MISSING_SHOWN = 200
_MISSING = """
SELECT b.series, n
  FROM payments_receiptbook b
 CROSS JOIN LATERAL (SELECT max(r.number) AS used FROM payments_cashreceipt r WHERE r.book_id = b.id) AS top
 CROSS JOIN LATERAL generate_series(b.first, top.used) AS n
 WHERE b.agent_id = %(agent)s
   AND NOT EXISTS (SELECT FROM payments_cashreceipt r WHERE r.series = b.series AND r.number = n)
 ORDER BY b.series, n
 LIMIT %(most)s
"""
_PASSED_OVER = """
SELECT a.id, a.name, a.village, array_agg(g.series || lpad(g.n::text, 8, '0') ORDER BY g.series, g.n) AS receipts
  FROM payments_villageagent a
  JOIN LATERAL (
    SELECT b.series, n
      FROM payments_receiptbook b
     CROSS JOIN LATERAL (SELECT max(r.number) AS used FROM payments_cashreceipt r WHERE r.book_id = b.id) AS top
     CROSS JOIN LATERAL generate_series(b.first, top.used) AS n
     WHERE b.agent_id = a.id AND NOT EXISTS (SELECT FROM payments_cashreceipt r WHERE r.series = b.series AND r.number = n)
     LIMIT %(most)s) AS g ON TRUE
 WHERE a.active AND a.region_id = ANY (%(regions)s)
 GROUP BY a.id, a.name, a.village
 ORDER BY a.id
 LIMIT %(most)s
"""
attachments.register(CashReceipt._meta.label_lower, VIEW)


class AgentCodeTaken(BureauError):
    """Codes are unique."""

    code = "AGENT_CODE_TAKEN"
    message = gettext_noop("The code %(code)s is taken.")


class AgentInactive(BureauError):
    """No longer collects."""

    code = "AGENT_INACTIVE"
    message = gettext_noop("The agent does not collect any more.")


class BookOverlaps(BureauError):
    """Some numbers are in another book."""

    code = "RECEIPT_BOOK_OVERLAPS"
    message = gettext_noop("Some of these numbers are in another book.")


class ReceiptForeign(BureauError):
    """Not of this agent's books."""

    code = "RECEIPT_FOREIGN"
    message = gettext_noop("Receipt %(receipt)s is in no book of this agent.")


class ReceiptUsed(BureauError):
    """Once."""

    code = "RECEIPT_USED"
    message = gettext_noop("Receipt %(receipt)s was keyed in on %(day)s already.")


class ReceiptDay(BureauError):
    """Cash of the future, or too old."""

    code = "RECEIPT_DAY"
    message = gettext_noop("Cash is keyed in for the last 60 days, not for %(day)s.")


class ReceiptAmountDiffers(BureauError):
    """Nothing is posted."""

    code = "RECEIPT_AMOUNT_DIFFERS"
    message = gettext_noop("%(due)s yuan are due for these persons; the receipt says %(said)s.")


class ReceiptPersonUnknown(BureauError):
    """The number or the name is not that of anybody in the register."""

    code = "RECEIPT_PERSON_UNKNOWN"
    message = gettext_noop("Nobody with this number and this name is in the register: %(name)s.")


class HandoverMoved(BureauError):
    """The balance changed under the counting hands."""

    code = "HANDOVER_MOVED"
    message = gettext_noop("The agent's balance is %(balance)s by now; look at the page again.")


class HandoverUnexplained(BureauError):
    """Short or over needs a word."""

    code = "HANDOVER_UNEXPLAINED"
    message = gettext_noop("%(difference)s yuan short or over: please say why.")


@dataclass(frozen=True)
class Insured:
    """Whom the cash is for, as the receipt says."""

    id_number: str
    name: str
    id_type: str = "01"


def open_agent(
    *, code: str, name: str, phone: str, region_id: str, village: str, by: User, at: datetime
) -> VillageAgent:
    """Let somebody collect cash. Raises AgentCodeTaken, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="open a village agent"):
        access.require(by, MANAGE, region_id)
        if VillageAgent.objects.filter(code=code).exists():
            raise AgentCodeTaken(code=code)
        return VillageAgent.objects.create(
            code=code, name=name, phone=phone, region_id=region_id, village=village, made_by=by, made_at=at
        )


def hand_out(*, agent_id: int, series: str, first: int, last: int, by: User, at: datetime) -> ReceiptBook:
    """Hand a book of receipts to an agent. Raises BookOverlaps, AgentInactive, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="hand out receipts", agent=agent_id):
        agent = _locked(agent_id, MANAGE, by)
        try:
            with transaction.atomic():
                return ReceiptBook.objects.create(
                    agent=agent, series=series, first=first, last=last, handed_by=by, handed_at=at
                )
        except IntegrityError as error:
            if "receipt_book_apart" in str(error):
                raise BookOverlaps() from None
            raise


def key_in(
    *,
    agent_id: int,
    receipt: tuple[str, int],
    year: int,
    insured: Sequence[Insured],
    amount: Decimal,
    paid_on: date,
    consent: bool,
    by: User,
    at: datetime,
) -> CashReceipt:
    """Post the cash of a receipt for its insured persons; all or nothing.

    ``consent``: the payer was told of a wait and agreed. Raises ReceiptForeign, ReceiptUsed, ReceiptDay,
    ReceiptPersonUnknown, ReceiptAmountDiffers, AgentInactive, whatever orders.open_order raises, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="key in a cash receipt", agent=agent_id):
        agent = _locked(agent_id, ENTER, by)
        book = _free(agent, receipt)
        if not at - LONGEST_LATE <= _noon(paid_on, at) <= at:
            raise ReceiptDay(day=paid_on.isoformat())
        moment = _noon(paid_on, at)
        wanted = [Wanted(_person(one, at).pk, year) for one in insured]
        order = orders.open_order(
            client=client_of(agent),
            channel=Channel.VILLAGE,
            payer=Payer(insured[0].name if insured else ""),
            wanted=wanted,
            at=moment,
            consent=consent,
        )
        if order.amount != amount:
            raise ReceiptAmountDiffers(due=yuan(order.amount), said=yuan(amount))
        series, number = receipt
        order = orderpayments.pay(
            number=order.number,
            client=client_of(agent),
            serial=f"{series}{number:08d}",
            amount=amount,
            debited_at=moment,
            at=at,
        )
        return _written(agent, book, receipt, by, at, order=order, amount=amount, paid_on=paid_on)


def spoil(*, agent_id: int, receipt: tuple[str, int], reason: str, by: User, at: datetime) -> CashReceipt:
    """Note a receipt that was spoilt; its sheet stays in the book. Raises as :func:`key_in`."""
    with transaction.atomic(), audit.acting(by=by, why="spoil a cash receipt", agent=agent_id):
        agent = _locked(agent_id, ENTER, by)
        book = _free(agent, receipt)
        return _written(
            agent,
            book,
            receipt,
            by,
            at,
            order=None,
            amount=ZERO,
            paid_on=day_of(at),
            spoilt=reason.strip()[:200],
        )


def attach_stub(*, receipt_id: int, file: BinaryIO | bytes, by: User, at: datetime) -> Attachment:
    """Keep a photograph of the stub. Raises what attachments.store raises, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why="photograph of a stub", receipt=receipt_id):
        receipt = CashReceipt.objects.get(pk=receipt_id)
        access.require(by, ENTER, receipt.region_id)
        return attachments.store(
            file=file,
            subject=receipt,
            region_id=receipt.region_id,
            by=by,
            at=at,
            kind="STUB",
        )


def hand_over(
    *, agent_id: int, expected: Decimal, counted: Decimal, note: str, by: User, at: datetime
) -> CashHandover:
    """Write down counted cash against the balance ``expected`` that the page showed.

    Raises HandoverMoved, HandoverUnexplained, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="hand over cash", agent=agent_id):
        agent = _locked(agent_id, ENTER, by, active=False)
        now = balance(agent.pk)
        if now != expected:
            raise HandoverMoved(balance=yuan(now))
        if counted != now and not note.strip():
            raise HandoverUnexplained(difference=f"{counted - now:+.2f}")
        return CashHandover.objects.create(
            agent=agent,
            region_id=agent.region_id,
            nth=agent.handovers.count() + 1,
            expected=now,
            counted=counted,
            note=note.strip()[:300],
            counted_by=by,
            counted_at=at,
        )


def balance(agent_id: int) -> Decimal:
    """Cash in the agent's hands: what receipts say less what was handed over (short cash stays owed)."""
    taken = CashReceipt.objects.filter(agent=agent_id).aggregate(sum=Sum("amount"))["sum"] or ZERO
    given = CashHandover.objects.filter(agent=agent_id).aggregate(sum=Sum("counted"))["sum"] or ZERO
    return taken - given


def missing(agent_id: int) -> list[str]:
    """Receipt numbers that were passed over in the agent's books: below the last one used, neither keyed in nor spoilt."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, {"agent": agent_id, "most": MISSING_SHOWN})
        return [f"{series}{number:08d}" for series, number in cursor.fetchall()]


@dataclass(frozen=True)
class PassedOver:
    """An agent with the receipts, below the last one used, of which nothing is known."""

    agent_id: int
    name: str
    village: str
    receipts: list[str]


def passed_over(*, regions: Sequence[str], most: int = 5) -> list[PassedOver]:
    """Agents of ``regions`` who still collect and have such receipts; at most ``most`` of both."""
    with connection.cursor() as cursor:
        cursor.execute(_PASSED_OVER, {"regions": list(regions), "most": most})
        return [PassedOver(*row) for row in cursor.fetchall()]


def client_of(agent: VillageAgent) -> str:
    """The name under which the agent's orders stand."""
    return f"village:{agent.code}"


def _locked(agent_id: int, action: str, by: User, *, active: bool = True) -> VillageAgent:
    agent = VillageAgent.objects.select_for_update(of=("self",)).get(pk=agent_id)
    access.require(by, action, agent.region_id)
    if active and not agent.active:
        raise AgentInactive()
    return agent


def _free(agent: VillageAgent, receipt: tuple[str, int]) -> ReceiptBook:
    """The agent's book with this number, which nobody used yet."""
    series, number = receipt
    written = f"{series}{number:08d}"
    book = agent.books.filter(series=series, first__lte=number, last__gte=number).order_by("pk").first()
    if book is None:
        raise ReceiptForeign(receipt=written)
    used = CashReceipt.objects.filter(series=series, number=number).order_by("pk").first()
    if used is not None:
        raise ReceiptUsed(receipt=written, day=day_of(used.keyed_at).isoformat())
    return book


def _noon(paid_on: date, at: datetime) -> datetime:
    """The moment of the debit: noon in Beijing of the day, or now where that is earlier."""
    noon = datetime.combine(paid_on, time(12), tzinfo=BUREAU_ZONE)
    return at if day_of(at) == paid_on and noon > at else noon


def _person(one: Insured, at: datetime) -> Person:
    number = identities.check_number(one.id_type, one.id_number, today=day_of(at))
    person = identities.found_by_number(one.id_type, number)
    if person is None or fold_name(person.name) != fold_name(one.name):
        raise ReceiptPersonUnknown(name=one.name[:40])
    return person


def _written(
    agent: VillageAgent, book: ReceiptBook, receipt: tuple[str, int], by: User, at: datetime, **values: object
) -> CashReceipt:
    series, number = receipt
    return CashReceipt.objects.create(
        book=book,
        agent=agent,
        region_id=agent.region_id,
        series=series,
        number=number,
        keyed_by=by,
        keyed_at=at,
        **values,
    )
