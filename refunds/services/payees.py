"""Who gets the money, and on which account: the insured, who may ask in their place, or who paid."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from bureau import attachments
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.names import fold_name
from enrollment.models import Person
from payments.models import OrderLine, Payment
from refunds.eligibility import Payee
from refunds.models import PayeeAccount, RefundCase
from refunds.papers import Applicant, Paper
from refunds.payoutfile import PayoutRow, unwritable
from refunds.services.facts import Account

SOMETHING = Decimal("0.01")
_NUMBER, _CNAPS = re.compile(r"[0-9A-Za-z]{5,32}"), re.compile(r"[0-9]{12}")


class AccountMissing(BureauError):
    """Nobody can be paid without an account."""

    code = "REFUND_ACCOUNT_MISSING"
    message = gettext_noop("Please give the account that the money goes to.")


class AccountNotAllowed(BureauError):
    """The account belongs to somebody whom this money is not owed to."""

    code = "REFUND_ACCOUNT_HOLDER"
    message = gettext_noop("The account is %(holder)s's; the money is owed to %(owed)s.")


class AccountFormat(BureauError):
    """Neither the bank nor our own file could read it."""

    code = "REFUND_ACCOUNT_FORMAT"
    message = gettext_noop(
        "This account cannot be paid to: 5 to 32 letters or digits, no special characters in the names, an opening bank code "
        "of 12 digits."
    )


def goes_back(case: RefundCase) -> bool:
    """Whether the account that the money came from is known."""
    return case.accounts.filter(source=PayeeAccount.Source.ORIGINAL).exists()


def check_account(case: RefundCase, account: Account) -> None:
    """An account that somebody gives: of who is owed the money, and writable into a payout file, so that no case is stuck
    behind a typing error. Raises AccountFormat, AccountNotAllowed.
    """
    number = account.account.replace(" ", "")
    row = PayoutRow(
        1, number, account.holder.strip(), SOMETHING, "-", account.bank_name.strip(), account.cnaps.strip()
    )
    field = unwritable(row)
    if not _NUMBER.fullmatch(number) or (
        account.cnaps.strip() and not _CNAPS.fullmatch(account.cnaps.strip())
    ):
        field = "account"
    if field:
        raise AccountFormat()
    check_holder(case, account.holder)


def check_holder(case: RefundCase, holder: str) -> None:
    """The money goes to the insured, to who may ask in their place, or to who paid. Raises AccountNotAllowed.

    Where it goes back to a medical account, the account is the channel's, whatever its name. Where the insured has died since,
    it goes to an heir whose kinship a paper proves; the second person looks at it.
    """
    if case.payee == Payee.MEDICAL_ACCOUNT or _an_heir_asks(case):
        return
    owed = [person.name for person in people_of(case)]
    if case.applicant in (Applicant.GUARDIAN, Applicant.HEIR):
        owed.append(case.applicant_name)
    if case.payee == Payee.PAYER and not _among(holder, owed):
        lines = case.lines.exclude(payment_id=None).values("payment_id")
        came_with = Payment.objects.filter(pk__in=lines).values("line_id")
        paid = OrderLine.objects.filter(Q(pk__in=came_with) | Q(pk__in=case.lines.values("duplicate_id")))
        owed += paid.order_by("pk").values_list("order__payer_name", flat=True)
    if not _among(holder, owed):
        raise AccountNotAllowed(holder=holder, owed=", ".join(dict.fromkeys(owed)))


def _among(holder: str, names: Iterable[str]) -> bool:
    return fold_name(holder) in {fold_name(name) for name in names}


def _an_heir_asks(case: RefundCase) -> bool:
    if case.person.death_date is None:
        return False
    return attachments.of(case).filter(kind=Paper.KINSHIP.value).exists()


def add_account(
    case: RefundCase, account: Account, source: PayeeAccount.Source, by: User | None, at: datetime
) -> PayeeAccount:
    """The next account of a case; nobody made the one that money came from."""
    row = account_row(case, account, source, case.accounts.count() + 1, by, at)
    row.save(force_insert=True)
    return row


def account_row(
    case: RefundCase,
    account: Account,
    source: PayeeAccount.Source,
    number: int,
    by: User | None,
    at: datetime,
) -> PayeeAccount:
    """The unsaved row of an account."""
    return PayeeAccount(
        case=case,
        number=number,
        source=source,
        holder=account.holder.strip(),
        account=account.account.replace(" ", ""),
        bank_name=account.bank_name.strip(),
        cnaps=account.cnaps.strip(),
        made_by=by,
        made_at=at,
    )


def people_of(case: RefundCase) -> list[Person]:
    """The insured persons of a case's lines."""
    return list(Person.objects.filter(refund_lines__case=case).distinct().order_by("pk"))
