"""What our own books and the register say of money that somebody wants back, read set-based, for any number at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bureau.errors import BureauError, gettext_noop
from refunds.services import statements


class MoneyUnknown(BureauError):
    """Nothing was booked under this number."""

    code = "REFUND_MONEY_UNKNOWN"
    message = gettext_noop("There is no payment %(payment)s.")


@dataclass(frozen=True, order=True)
class Source:
    """A payment, or a duplicate by its line."""

    payment_id: int | None = None
    duplicate_id: int | None = None

    def __str__(self) -> str:
        return str(self.payment_id or self.duplicate_id)


@dataclass(frozen=True)
class Account:
    """Where money came from, or is to go."""

    holder: str
    account: str
    bank_name: str = ""
    cnaps: str = ""


@dataclass(frozen=True)
class Money:
    """A payment or a duplicate with everything a decision may need; amounts in yuan.

    ``held`` is what live cases (other than those left out) hold of it; ``gone_on`` the day on which it was taken back or
    swapped, ``gone_by`` the number of that row; ``employee_on`` the first day of employee cover that was normal on the day
    of paying, else of the next spell.
    """

    source: Source
    receivable_id: int
    person_id: int
    person_name: str
    birth_date: date | None
    region_id: str
    paid: Decimal
    paid_on: date
    channel: str
    line_id: int | None
    instruction_id: int | None
    cover_start: date | None
    employee_then: date | None
    employee_later: date | None
    death_date: date | None
    aid: Decimal | None
    aid_listed_on: date | None
    account: Account | None
    tax_number: str
    held: Decimal
    gone_on: date | None
    gone_by: int | None

    @property
    def benefit_year(self) -> int:
        """The year that the receivable's key carries."""
        return self.receivable_id // 10**10

    @property
    def left(self) -> Decimal:
        """What nobody else has asked back."""
        return self.paid - self.held


def collect(*, sources: Collection[Source], but: Collection[int] = ()) -> dict[Source, Money]:
    """The money of ``sources`` by source; ``but``: cases whose own hold does not count. Raises MoneyUnknown."""
    found = {}
    for row in statements.rows(
        "facts",
        payments=[one.payment_id for one in sources if one.payment_id is not None],
        duplicates=[one.duplicate_id for one in sources if one.duplicate_id is not None],
        but=sorted(but),
    ):
        source = Source(row["payment_id"], row["duplicate_id"])
        known = row["account"] and row["holder"]
        found[source] = Money(
            source=source,
            receivable_id=row["receivable_id"],
            person_id=row["person_id"],
            person_name=row["person_name"],
            birth_date=row["birth_date"],
            region_id=row["region_id"],
            paid=row["amount"],
            paid_on=row["debited_on"],
            channel=row["channel"],
            line_id=row["line_id"],
            instruction_id=row["instruction_id"],
            cover_start=row["cover_start"],
            employee_then=row["then_on"],
            employee_later=row["later_on"],
            death_date=row["death_date"],
            aid=row["aid"],
            aid_listed_on=row["listed_on"],
            account=Account(row["holder"], row["account"], row["bank_name"], row["cnaps"]) if known else None,
            tax_number=row["tax_number"],
            held=row["held"],
            gone_on=row["gone_on"],
            gone_by=row["gone_by"],
        )
    for source in sources:
        if source not in found:
            raise MoneyUnknown(payment=str(source))
    return found
