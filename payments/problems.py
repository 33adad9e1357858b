"""The problems that people meet when they pay (design: domain 6): a code, the prompt, what to do, and who resolves it.

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
    """A row of the catalogue; `rank` orders by urgency (smallest first), `blocks` says that nothing can be paid."""

    code: str
    number: str
    rank: int
    blocks: bool
    resolvers: tuple[Resolver, ...]
    message: str
    action: str


_B, _T, _K, _C, _U = Resolver.BUREAU, Resolver.TAX, Resolver.BANK, Resolver.CHANNEL, Resolver.USER

_ALL = (
    Problem("DEBITED_NOT_POSTED", "P02", 1, True, (_K,), _("The money was debited and is not booked."),
            _("The bank returns it within 3 working days; pay again after it is back.")),
    Problem("DUP_PAYMENT", "P10", 2, False, (_B, _T), _("The year was paid twice."),
            _("The second payment goes back: open the refund.")),
    Problem("PERSON_DECEASED", "", 3, True, (_B,), _("The register knows a date of death."),
            _("Check the date of death; correct it where it is wrong.")),
    Problem("PERSON_NOT_FOUND", "P12", 4, True, (_U, _B), _("No valid personal data was found."),
            _("Enrol the person with ID card or household book.")),
    Problem("PERSON_DATA_INCOMPLETE", "P13", 5, True, (_B,), _("Name or date of birth differs from the register."),
            _("Open a correction with the document.")),
    Problem("EMPLOYEE_ACTIVE", "P21", 6, True, (_B,), _("Employee cover is running."),
            _("Stop the employee cover first, then enrol as a resident.")),
    Problem("ALREADY_PAID", "P17", 7, True, (_U,), _("The year is paid already."),
            _("Tell the day and the channel; nothing more is due.")),
    Problem("PAID_ELSEWHERE", "P32", 8, True, (_B,), _("The year is paid in another region."),
            _("Tell where; a refund there comes before a payment here.")),
    Problem("UNSETTLED_EXISTS", "P04", 9, True, (_T,), _("There is unsettled money: it cannot be paid again."),
            _("Tell place, channel and time; the tax office voids what was never debited.")),
    Problem("OPEN_ORDER", "P16", 10, True, (_U, _C), _("An order that is not finished blocks this payment."),
            _("Finish or cancel the order; it ends by itself at the time shown.")),
    Problem("TX_LOCKED", "P09", 11, True, (_C,), _("The transaction is locked."),
            _("Wait until the time shown; the channel is asked before it is let go.")),
    Problem("MULTI_RECEIVABLE", "P03", 12, True, (_B, _T), _("Several receivables were found: it cannot be paid."),
            _("End the enrolment that is over; then ask again.")),
    Problem("NO_RECEIVABLE", "P06", 13, True, (_B,), _("No receivable was found."),
            _("Check the enrolment, then assess the receivable.")),
    Problem("REGION_NOT_ENABLED", "P19", 14, True, (_B,), _("Online payment is not open in this region."),
            _("Pay at the counter or the agency.")),
    Problem("CHANNEL_CLOSED", "", 15, True, (_B,), _("This channel is not open here."),
            _("Use another channel.")),
    Problem("CARD_TYPE_UNSUPPORTED", "P18", 16, True, (_U,), _("Credit cards are not supported."),
            _("Use a debit card.")),
    Problem("PAYER_LIMIT", "P20", 17, True, (_C,), _("Too many persons for one account."),
            _("Pay for the others from another account.")),
    Problem("NOT_OPEN", "", 18, True, (_U,), _("The payment window is not open yet."),
            _("Come back on the day shown.")),
    Problem("YEAR_CLOSED", "", 19, True, (_U,), _("The last day to pay this year has passed."),
            _("Pay for the next year in its window.")),
    Problem("OUT_OF_PAY_DAYS", "P24", 20, True, (_U,), _("Today is no day for payments."),
            _("Pay between the days shown.")),
    Problem("E_WAIT_PAST_YEAR_END", "P23", 21, True, (_B,), _("The wait runs past 31 December: no cover this year."),
            _("Do not take the money; pay for the next year.")),
    Problem("LATE_WAIT", "P22", 22, False, (_U,), _("Paid after the window: cover begins after a wait."),
            _("Tell the first day of cover and take the confirmation.")),
    Problem("BATCH_DEBIT_FAILED", "P25", 23, False, (_K, _U), _("The last bank debit failed."),
            _("See the bank's reason; the next run tries again, or pay yourself.")),
    Problem("STOP_NOT_SYNCED", "P27", 24, False, (_B,), _("An enrolment ended here is still open at the tax office."),
            _("Push it to the tax office again.")),
    Problem("NO_CARD_BOUND", "P29", 25, False, (_U,), _("No mandate for bank debits."),
            _("Sign one, or pay through another channel.")),
)  # fmt: skip
CATALOGUE: Mapping[str, Problem] = {problem.code: problem for problem in _ALL}
