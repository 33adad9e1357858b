"""The problems that people meet when they pay (design: domain 6): a code, the prompt, what to do, who resolves it, by when.

The Chinese of a prompt is the one that the sources quote, so that the citizen, the clerk and the app speak of the same
thing. Whether a problem is there is found by payments/services/obstacles.py; here nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bureau.errors import gettext_noop as _


class Resolver(StrEnum):
    """Who can make it go away."""

    BUREAU = "BUREAU"
    TAX = "TAX"
    BANK = "BANK"
    CHANNEL = "CHANNEL"
    USER = "USER"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row of the catalogue; `rank` orders by urgency (smallest first), `blocks` says that nothing can be paid.

    `days`: working days within which it is resolved, where what is known of it says no day of its own.
    """

    code: str
    number: str
    rank: int
    blocks: bool
    resolvers: tuple[Resolver, ...]
    message: str
    action: str
    days: int = 1


@dataclass(frozen=True, slots=True)
class Help:
    """A question that is not about our books: what to tell the person."""

    code: str
    number: str
    question: str
    answer: str


_B, _T, _K, _C, _U = Resolver.BUREAU, Resolver.TAX, Resolver.BANK, Resolver.CHANNEL, Resolver.USER

# Most urgent first: code, number, whether it blocks, who resolves it, within how many working days, prompt, action.
_ROWS = (
    ("DEBITED_NOT_POSTED", "P02", True, (_K,), 3, _("The money was debited and is not booked."),
     _("The bank returns it within 3 working days; pay again after it is back.")),
    ("DUP_PAYMENT", "P10", False, (_B, _T), 3, _("The year was paid twice."),
     _("The second payment goes back: open the refund.")),
    ("PERSON_DECEASED", "", True, (_B,), 1, _("The register knows a date of death."),
     _("Check the date of death; correct it where it is wrong.")),
    ("INPUT_FORMAT", "P14", True, (_U,), 0, _("Name or ID number is not written as it should be."),
     _("Check name and ID number; X is a capital letter; change the input method.")),
    ("INPUT_MISMATCH", "P11", True, (_U,), 0, _("Name and ID number do not belong together."),
     _("Check name and ID number against the document.")),
    ("PERSON_NOT_FOUND", "P12", True, (_U, _B), 1, _("No valid personal data was found."),
     _("Enrol the person with ID card or household book.")),
    ("PERSON_DATA_INCOMPLETE", "P13", True, (_B,), 3, _("Name or date of birth differs from the register."),
     _("Open a correction with the document.")),
    ("EMPLOYEE_ACTIVE", "P21", True, (_B,), 3, _("Employee cover is running."),
     _("Stop the employee cover first, then enrol as a resident.")),
    ("ALREADY_PAID", "P17", True, (_U,), 0, _("The year is paid already."),
     _("Tell the day and the channel; nothing more is due.")),
    ("PAID_ELSEWHERE", "P32", True, (_B,), 3, _("The year is paid in another region."),
     _("Tell where; a refund there comes before a payment here.")),
    ("UNSETTLED_EXISTS", "P04", True, (_T,), 3, _("There is unsettled money: it cannot be paid again."),
     _("Tell place, channel and time; the tax office voids what was never debited.")),
    ("OFFLINE_NOT_POSTED", "P31", True, (_B,), 1, _("A receipt for cash is not booked yet."),
     _("Hold the collector's list against the receipt; then book it.")),
    ("OPEN_ORDER", "P16", True, (_U, _C), 0, _("An order that is not finished blocks this payment."),
     _("Finish or cancel the order; it ends by itself at the time shown.")),
    ("TX_LOCKED", "P09", True, (_C,), 0, _("The transaction is locked."),
     _("Wait until the time shown; the channel is asked before it is let go.")),
    ("ALREADY_DECLARED", "P05", True, (_B, _T), 3, _("This payer has declared already: no second declaration."),
     _("Tell where and when; where it is wrong, refund first, then pay.")),
    ("MULTI_RECEIVABLE", "P03", True, (_B, _T), 1, _("Several receivables were found: it cannot be paid."),
     _("End the enrolment that is over; then ask again.")),
    ("NO_RECEIVABLE", "P06", True, (_B,), 1, _("No receivable was found."),
     _("Check the enrolment, then assess the receivable.")),
    ("REGION_NOT_ENABLED", "P19", True, (_B,), 0, _("Online payment is not open in this region."),
     _("Pay at the counter or the agency.")),
    ("CHANNEL_CLOSED", "", True, (_B,), 0, _("This channel is not open here."), _("Use another channel.")),
    ("CARD_TYPE_UNSUPPORTED", "P18", True, (_U,), 0, _("Credit cards are not supported."), _("Use a debit card.")),
    ("PAYER_LIMIT", "P20", True, (_C,), 0, _("Too many persons for one account."),
     _("Pay for the others from another account.")),
    ("NOT_OPEN", "", True, (_U,), 0, _("The payment window is not open yet."), _("Come back on the day shown.")),
    ("YEAR_CLOSED", "", True, (_U,), 0, _("The last day to pay this year has passed."),
     _("Pay for the next year in its window.")),
    ("OUT_OF_PAY_DAYS", "P24", True, (_U,), 0, _("Today is no day for payments."),
     _("Pay between the days shown.")),
    ("E_WAIT_PAST_YEAR_END", "P23", True, (_B,), 0, _("The wait runs past 31 December: no cover this year."),
     _("Do not take the money; pay for the next year.")),
    ("LATE_WAIT", "P22", False, (_U,), 0, _("Paid after the window: cover begins after a wait."),
     _("Tell the first day of cover and take the confirmation.")),
    ("PAY_RESULT_PENDING", "P01", False, (_K, _T), 1, _("Paid, and the payment cannot be found yet."),
     _("Wait one working day; then the bank is asked.")),
    ("UPSTREAM_ERROR", "P07", False, (_C, _T), 1, _("The cloud service does not answer."),
     _("Try again outside the busy hours; the channel is asked what became of the order.")),
    ("DEBIT_REJECTED", "P08", False, (_U, _K, _T), 3, _("The payment failed."),
     _("See the bank's reason: top up, settle it with the bank, or ask 12366.")),
    ("BATCH_DEBIT_FAILED", "P25", False, (_K, _U), 3, _("The last bank debit failed."),
     _("See the bank's reason; the next run tries again, or pay yourself.")),
    ("VOUCHER_NOT_READY", "P26", False, (_T,), 0, _("The voucher is not there yet."),
     _("It comes at the time shown; on paper at the tax hall with the ID card.")),
    ("STOP_NOT_SYNCED", "P27", False, (_B, _T), 1, _("An enrolment ended here is still open at the tax office."),
     _("Push it to the tax office again; the tax office may void its record.")),
    ("RECEIPT_PASSED_OVER", "P31", False, (_B,), 1, _("A village agent of this region has receipts that nobody keyed in."),
     _("If cash was paid there, take the agent's list or the payer's receipt and key it in.")),
    ("NO_CARD_BOUND", "P29", False, (_U,), 0, _("No mandate for bank debits."),
     _("Sign one, or pay through another channel.")),
)  # fmt: skip
CATALOGUE: Mapping[str, Problem] = {
    code: Problem(code, number, rank, blocks, resolvers, message, action, days)
    for rank, (code, number, blocks, resolvers, days, message, action) in enumerate(_ROWS, start=1)
}
HELPS = (
    Help("CHANNEL_INSTALL", "P15", _("The app's installer jumps to another page (Huawei phones)."),
         _("Choose the official installation in the phone's app market; it does not concern insurance or our records.")),
    Help("PAYNO_MISMATCH", "P28", _("The payment number is said to be wrong."),
         _("Ask again with ID number and name and confirm the number that is shown; old numbers do not hold.")),
    Help("NO_CARD_BOUND", "P29", _("No bank card is bound."),
         _("A card is needed for batch debits only: sign a mandate, or pay in an app, at a bank or at the counter.")),
)  # fmt: skip
