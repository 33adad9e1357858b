"""People who paid once, twice or too much, and the staff of the desks, for tests of refunds."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.db import connection

from bureau import audit
from bureau.models import User
from enrollment.choices import RefundReason
from enrollment.models import Coverage, Person
from payments.models import DuplicatePayment, Payment, Receivable
from payments.services import books
from payments.states import Bucket
from refunds.models import RefundCase
from refunds.services import filing, signing
from refunds.services.facts import Account, Source
from refunds.services.wishes import Form
from tests import builders
from tests.bureau.drawings import picture
from tests.payments import bookbuilders
from tests.payments.bookbuilders import Answer

REGION = builders.GUIGANG
AT = datetime(2025, 1, 20, 2, 0, tzinfo=UTC)
_numbers = count(500)


@dataclass
class Desk:
    """Who works here; ``payer_out`` makes payouts, ``releaser`` lets them go."""

    clerk: User
    supervisor: User
    officer: User
    payer_out: User
    releaser: User
    books: bookbuilders.Staff = field(init=False)

    def __post_init__(self) -> None:
        self.books = bookbuilders.Staff(self.clerk, self.supervisor)


def desk(region: str = REGION) -> Desk:
    """A clerk, a supervisor and three tax officers."""
    with audit.acting(by=None, why="a test's staff"):
        return Desk(
            builders.make_staff("clerk", region),
            builders.make_staff("supervisor", region),
            *(builders.make_staff("tax_officer", region) for _ in range(3)),
        )


def paid(made: Desk, number: int = 1, **cover: Any) -> list[Payment]:
    """Payments of a bank's file, one a person; ``cover`` replaces the cover that was decided."""
    with audit.acting(by=made.clerk, why="a test's payments"):
        due = [bookbuilders.assess() for _ in range(number)]
        nth = next(_numbers)
        batch, asked = bookbuilders.freeze(due, made.books, number=nth)
        bookbuilders.apply_file(
            batch, made.books, [Answer(one, Bucket.SETTLED) for one in asked], name=f"P{nth}"
        )
        rows = list(Payment.objects.filter(instruction_id__in=[one.pk for one in asked]).order_by("pk"))
        if cover:
            for row, receivable in zip(rows, due, strict=True):
                bookbuilders.cover(receivable, row, **cover)
        return rows


def paid_twice(made: Desk, number: int = 1) -> list[DuplicatePayment]:
    """Persons who paid at the counter and were debited all the same."""
    with audit.acting(by=made.clerk, why="a test's duplicates"):
        due = [bookbuilders.assess() for _ in range(number)]
        for receivable in due:
            bookbuilders.pay_at_counter(receivable, f"C-{receivable.pk}")
        nth = next(_numbers)
        batch, asked = bookbuilders.freeze(due, made.books, number=nth)
        bookbuilders.apply_file(
            batch,
            made.books,
            [
                Answer(one, Bucket.DUPLICATE, reason="ALREADY_PAID", carried_by=one.receivable_id * 100)
                for one in asked
            ],
            name=f"D{nth}",
        )
        return list(
            DuplicatePayment.objects.filter(instruction_id__in=[one.pk for one in asked]).order_by("pk")
        )


def form_for(row: Payment | DuplicatePayment, reason: RefundReason, **changes: Any) -> Form:
    """What somebody asks for."""
    source = Source(payment_id=row.pk) if isinstance(row, Payment) else Source(duplicate_id=row.pk)
    return Form(**({"reason": reason, "sources": [source]} | changes))


def with_papers(case: RefundCase, by: User | None) -> None:
    """Whatever is missing is brought."""
    for kind in filing.papers_missing(case, list(case.lines.all())):
        filing.attach(case_id=case.pk, file=picture(), kind=kind, by=by, at=AT, name=f"{kind}.jpg")


def submitted(made: Desk, form: Form, at: datetime = AT) -> RefundCase:
    """A case with its papers, handed in by the clerk."""
    case = filing.draft(form=form, by=made.clerk, at=at)
    with_papers(case, made.clerk)
    return filing.submit(case_id=case.pk, by=made.clerk, at=at)


def approved(made: Desk, form: Form, at: datetime = AT) -> RefundCase:
    """A case that was signed twice."""
    case = submitted(made, form, at)
    signing.review(case_ids=[case.pk], by=made.supervisor, at=at).one()
    return signing.approve(case_ids=[case.pk], by=made.officer, at=at).one()


def account_of(person: Person, **changes: Any) -> Account:
    """An account in the person's own name."""
    values = {
        "holder": person.name,
        "account": "6228480000000000001",
        "bank_name": "贵港支行",
        "cnaps": "103611012345",
    }
    return Account(**(values | changes))


def in_force(receivable_id: int) -> Coverage:
    """The row of cover that counts."""
    rows = Coverage.objects.filter(pk__gte=receivable_id * 100, pk__lt=receivable_id * 100 + 100)
    return rows.order_by("-pk")[0]


def state_of(receivable_id: int) -> str:
    """What the facts of a receivable say."""
    return str(Receivable.objects.with_state().get(pk=receivable_id).state)


def settle() -> None:
    """Let deferred constraints speak now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def books_green() -> None:
    """Every invariant holds."""
    settle()
    broken = {result.code: result.rows for result in books.run_checks() if not result.ok}
    assert not broken, broken


def spring(day: int = 20) -> date:
    """A day after cover began."""
    return date(2025, 3, day)
