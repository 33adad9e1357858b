"""What somebody asks for, as it was taken down, and the row of the case that it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import ApiClient
from bureau.money import ZERO
from enrollment.choices import RefundReason
from refunds.models import RefundCase
from refunds.papers import Applicant
from refunds.services import caselines
from refunds.services.deciding import Stated, Weighed
from refunds.services.facts import Account, Source

MOST_LINES = 20


class NoLines(BureauError):
    """Nothing is asked back."""

    code = "REFUND_NO_LINES"
    message = gettext_noop("A case names between one and %(most)s payments.")


@dataclass(frozen=True)
class Form:
    """What somebody asks for, and who they are."""

    reason: RefundReason
    sources: Sequence[Source]
    applicant: Applicant = Applicant.SELF
    applicant_name: str = ""
    applicant_number: str = ""
    applicant_phone: str = ""
    event_date: date | None = None
    correct: Decimal | None = None
    claims_settled_on: date | None = None
    applied_on: date | None = None
    pay_again: bool = False
    account: Account | None = None
    note: str = ""
    reference: str = ""
    origin: str = "COUNTER"


def stated(form: Form, on: date) -> Stated:
    """What the form says of each payment. Raises NoLines."""
    if not 1 <= len(form.sources) <= MOST_LINES:
        raise NoLines(most=MOST_LINES)
    return Stated(form.reason, form.applied_on or on, form.event_date, form.correct, form.claims_settled_on)


def new_case(
    number: str, form: Form, weighed: Sequence[Weighed], at: datetime, client: ApiClient | None
) -> RefundCase:
    """The unsaved row of a wish that was weighed."""
    first = weighed[0]
    amounts = [caselines.asked_of(one) for one in weighed]
    again: Any = first.money.receivable_id if form.pay_again else None
    return RefundCase(
        number=number,
        region_id=first.money.region_id,
        person_id=first.money.person_id,
        benefit_year=first.money.benefit_year,
        reason=form.reason.value,
        origin="PARTNER" if client else form.origin,
        client=client,
        reference=form.reference,
        applicant=form.applicant.value,
        applicant_name=form.applicant_name.strip(),
        applicant_number=form.applicant_number.strip().upper(),
        applicant_phone=form.applicant_phone.strip(),
        note=form.note.strip()[:500],
        event_date=form.event_date,
        correct_amount=form.correct,
        claims_settled_on=form.claims_settled_on,
        applied_on=form.applied_on or day_of(at),
        again_receivable_id=again,
        policy=first.policy,
        amount=sum(amounts, ZERO),
        payee=next((one.decision.payee.value for one in weighed if one.decision.payee), ""),
        state_at=at,
        opened_at=at,
    )
