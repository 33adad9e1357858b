"""Direct-debit mandates (三方协议): signed, verified once bank and tax agree, cancelled.

Only a verified one is debited. The account stands in the bank's file as it is here, so it must fit the layout
from the start.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from enrollment.models import RESIDENT, Person
from payments.files.characters import encodable
from payments.files.delimited import one_dot
from payments.files.limits import REQUEST_WIDTHS
from payments.models import BankProfile, Mandate
from payments.services.debits import BankUnknown
from payments.states import MANDATE_MOVES, MandateState

ACTION = "batch.freeze"
"""Mandates are the desk's work, like the batches that use them."""
CARD_LENGTHS = range(13, 20)


class PersonUnknown(BureauError):
    """No such person."""

    code = "PERSON_UNKNOWN"
    message = gettext_noop("There is no person %(person)s.")


class MandateUnknown(BureauError):
    """No such mandate."""

    code = "MANDATE_UNKNOWN"
    message = gettext_noop("There is no mandate %(mandate)s.")


class AccountNotACard(BureauError):
    """Not the number of a bank card: digits whose last one is the Luhn digit (ISO/IEC 7812)."""

    code = "ACCOUNT_NOT_A_CARD"
    message = gettext_noop("The account number is not that of a bank card: a digit is wrong or missing.")


class FieldNotWritable(BureauError):
    """A value that the bank's file cannot take as it is."""

    code = "MANDATE_FIELD_NOT_WRITABLE"
    message = gettext_noop(
        "The field %(field)s cannot be written to the bank's file: %(limit)s bytes at most."
    )


class OpeningBankMissing(BureauError):
    """An account at another bank needs that bank's name and its 12-digit code."""

    code = "OPENING_BANK_MISSING"
    message = gettext_noop("An account at another bank needs that bank's name and 12-digit code.")


class MandateExists(BureauError):
    """One live mandate a person and scheme, and an agreement number once for ever."""

    code = "MANDATE_EXISTS"
    message = gettext_noop("This person already has a live mandate, or the agreement number was used before.")


class MandateMove(BureauError):
    """The mandate is not in a state from which this is possible."""

    code = "MANDATE_MOVE"
    message = gettext_noop("A mandate that is %(state)s cannot become %(wanted)s.")


def sign(
    *,
    person_id: int,
    bank: str,
    agreement_no: str,
    account: str,
    holder: str,
    signed_on: date,
    by: User,
    at: datetime,
    bank_name: str = "",
    cnaps: str = "",
) -> Mandate:
    """Write down a signed mandate for a debit card; it counts when it is verified.

    ``bank_name`` and ``cnaps`` (12 digits) name the opening bank of an account elsewhere, collected through
    ``bank``. Any middle dot in the holder's name becomes U+00B7. Raises AccountNotACard, BankUnknown,
    PersonUnknown, FieldNotWritable, OpeningBankMissing, MandateExists, NotAllowed, OutOfScope.
    """
    name = one_dot(holder.strip())
    _check_account(account)
    for field, value in (("holder", name), ("bank_name", bank_name), ("mandate_no", agreement_no)):
        if not encodable(value, max_bytes=REQUEST_WIDTHS[field]) or (not value and field != "bank_name"):
            raise FieldNotWritable(field=field, limit=REQUEST_WIDTHS[field])
    elsewhere = bool(bank_name or cnaps)
    if elsewhere and not (bank_name and len(cnaps) == 12 and cnaps.isascii() and cnaps.isdigit()):
        raise OpeningBankMissing()
    profile = BankProfile.objects.filter(pk=bank).first()
    if profile is None:
        raise BankUnknown(bank=bank)
    try:
        with transaction.atomic(), audit.acting(by=by, why="sign a mandate", at=at.isoformat()):
            person = Person.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
            if person is None:
                raise PersonUnknown(person=person_id)
            access.require(by, ACTION, person.region_id)
            return Mandate.objects.create(
                agreement_no=agreement_no,
                person=person,
                scheme=RESIDENT,
                bank=profile,
                account=account,
                holder=name,
                cross_bank=elsewhere,
                bank_name=bank_name,
                cnaps=cnaps,
                signed_on=signed_on,
            )
    except IntegrityError as error:
        if not _is_taken(error):
            raise
        raise MandateExists() from error


def _is_taken(error: IntegrityError) -> bool:
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    return constraint == "mandate_one_live" or "agreement" in constraint


def verify(*, mandate_id: int, by: User, at: datetime) -> Mandate:
    """Bank and tax data agree: the mandate may be debited. Raises as :func:`cancel`."""
    return _move(mandate_id, MandateState.VERIFIED, "verify a mandate", by, at)


def cancel(*, mandate_id: int, reason: str, by: User, at: datetime) -> Mandate:
    """End a mandate; what is frozen already stays frozen. Raises MandateUnknown, MandateMove, NotAllowed,
    OutOfScope.
    """
    return _move(mandate_id, MandateState.CANCELLED, reason or "cancel a mandate", by, at)


def _move(mandate_id: int, wanted: MandateState, why: str, by: User, at: datetime) -> Mandate:
    with transaction.atomic(), audit.acting(by=by, why=why, at=at.isoformat()):
        mandate = (
            Mandate.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(pk=mandate_id)
            .first()
        )
        if mandate is None:
            raise MandateUnknown(mandate=mandate_id)
        access.require(by, ACTION, mandate.person.region_id)
        if wanted not in MANDATE_MOVES[mandate.state]:
            raise MandateMove(state=mandate.state, wanted=wanted.value)
        mandate.state = wanted.value
        mandate.save(update_fields=["state"])
        return mandate


def _check_account(account: str) -> None:
    if not (account.isascii() and account.isdigit() and len(account) in CARD_LENGTHS):
        raise AccountNotACard()
    digits = [int(digit) for digit in reversed(account)]
    total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    if total % 10:
        raise AccountNotACard()
