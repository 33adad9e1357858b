"""Applications that a partner forwards for a citizen: found by person and year, submitted with their papers, told back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from bureau import audit
from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from bureau.models import ApiClient
from enrollment.choices import RefundReason
from enrollment.models import Person
from payments.models import DuplicatePayment, Payment, Reversal
from refunds.eligibility import Outcome
from refunds.models import RefundCase
from refunds.papers import Paper
from refunds.services import filing
from refunds.services.facts import Source
from refunds.services.steps import CaseUnknown
from refunds.services.unbooked import unbooked_of
from refunds.services.wishes import Form

NUMBERS_A_YEAR = 10**10


class NothingPaid(BureauError):
    """There is nothing to give back."""

    code = "REFUND_NOTHING_PAID"
    message = gettext_noop("Nothing was paid for this person and year in this region, or it has gone back.")


class OnlyDeclared(BureauError):
    """Nothing was debited: there is nothing to refund."""

    code = "REFUND_UNSETTLED_VOID"
    message = gettext_noop(
        "It was declared and never debited: nothing is refunded, the tax office voids the record."
    )


class BankReturns(BureauError):
    """The bank gives it back without an application."""

    code = "REFUND_BANK_RETURNS"
    message = gettext_noop("It was debited and never booked: the bank returns it within 3 working days.")


class ReferenceUsed(BureauError):
    """The partner's number belongs to another application."""

    code = "REFUND_REFERENCE_USED"
    message = gettext_noop("The partner has used this number for another application.")


@dataclass(frozen=True)
class Photo:
    """A paper as it came in."""

    kind: Paper
    content: bytes


def source_of(*, person: Person, region_id: str, year: int, reason: RefundReason, on: date) -> Source:
    """What the application is about: the duplicate where it says paid twice, else the payment that stands.

    Raises NothingPaid, or by the decision's rule on what is not booked: OnlyDeclared, BankReturns.
    """
    gone = Reversal.objects.filter(person=person)
    if reason == RefundReason.DUP_PAY:
        doubles = DuplicatePayment.objects.filter(
            person=person,
            region_id=region_id,
            receivable_id__gte=year * NUMBERS_A_YEAR,
            receivable_id__lt=(year + 1) * NUMBERS_A_YEAR,
        ).exclude(pk__in=gone.exclude(duplicate_id=None).values("duplicate_id"))
        found = doubles.order_by("-pk").first()
        if found is not None:
            return Source(duplicate_id=found.pk)
    low = year * NUMBERS_A_YEAR * 100
    payments = Payment.objects.filter(
        person=person, region_id=region_id, pk__gte=low, pk__lt=low + NUMBERS_A_YEAR * 100
    ).exclude(pk__in=gone.exclude(payment_id=None).values("payment_id"))
    paid = payments.order_by("-pk").first()
    if paid is None:
        outcomes = {one.decision.outcome for one in unbooked_of(person=person, on=on, region_id=region_id)}
        if Outcome.BANK_CASE in outcomes:
            raise BankReturns()
        raise OnlyDeclared() if Outcome.VOID in outcomes else NothingPaid()
    return Source(payment_id=paid.pk)


def apply(
    *,
    client: ApiClient,
    person: Person,
    region_id: str,
    year: int,
    form: Form,
    papers: Sequence[Photo],
    at: datetime,
) -> RefundCase:
    """A submitted case with its papers, or nothing. Raises NothingPaid, OnlyDeclared, BankReturns, ReferenceUsed, and what filing
    raises."""
    with (
        transaction.atomic(),
        audit.acting(by=None, why="a partner's refund application", partner=client.code),
    ):
        if form.reference and RefundCase.objects.filter(client=client, reference=form.reference).exists():
            raise ReferenceUsed()
        source = source_of(person=person, region_id=region_id, year=year, reason=form.reason, on=day_of(at))
        case = filing.draft(form=replace(form, sources=[source]), by=None, at=at, client=client)
        for one in papers:
            filing.attach(
                case_id=case.pk, file=one.content, kind=one.kind, by=None, at=at, name=one.kind.value
            )
        return filing.submit(case_id=case.pk, by=None, at=at)


def of_client(*, client: ApiClient, number: str) -> RefundCase:
    """A partner's own case. Raises CaseUnknown."""
    found = RefundCase.objects.filter(client=client, number=number).order_by("pk").first()
    if found is None:
        raise CaseUnknown()
    return found
