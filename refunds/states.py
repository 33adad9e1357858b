"""States of refunds, of their payouts and of what the system found, and the moves between them (design: domain 5.1)."""

from enum import StrEnum


class CaseState(StrEnum):
    """A wish to have money back, from the form to the money's arrival.

    In BUREAU_REVIEW and TAX_REVIEW somebody has it in hand. What the bank returns by itself is no case: see
    payments' debits that were not posted.
    """

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    BUREAU_REVIEW = "BUREAU_REVIEW"
    BUREAU_APPROVED = "BUREAU_APPROVED"
    TAX_REVIEW = "TAX_REVIEW"
    TAX_APPROVED = "TAX_APPROVED"
    TREASURY_SENT = "TREASURY_SENT"
    FUND_PAYMENT = "FUND_PAYMENT"
    PAY_FAILED = "PAY_FAILED"
    PAID = "PAID"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


_S = CaseState
CASE_MOVES: dict[str, frozenset[str]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.SUBMITTED: frozenset(
        {_S.BUREAU_REVIEW, _S.BUREAU_APPROVED, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED}
    ),
    _S.RETURNED: frozenset({_S.SUBMITTED, _S.WITHDRAWN, _S.CLOSED}),
    _S.BUREAU_REVIEW: frozenset(
        {_S.SUBMITTED, _S.BUREAU_APPROVED, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED}
    ),
    _S.BUREAU_APPROVED: frozenset(
        {_S.TAX_REVIEW, _S.TAX_APPROVED, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED}
    ),
    _S.TAX_REVIEW: frozenset(
        {_S.BUREAU_APPROVED, _S.TAX_APPROVED, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN, _S.CLOSED}
    ),
    _S.TAX_APPROVED: frozenset({_S.TREASURY_SENT, _S.FUND_PAYMENT, _S.PAID}),
    _S.TREASURY_SENT: frozenset({_S.PAID, _S.PAY_FAILED, _S.TAX_APPROVED}),
    _S.FUND_PAYMENT: frozenset({_S.PAID, _S.PAY_FAILED, _S.TAX_APPROVED}),
    _S.PAY_FAILED: frozenset({_S.TAX_APPROVED}),
    # A bank may send money back days after it said that it had paid.
    _S.PAID: frozenset({_S.PAY_FAILED, _S.CLOSED}),
    _S.CLOSED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
NOT_RESERVING = (_S.DRAFT, _S.REJECTED, _S.WITHDRAWN)
"""In every other state the case's money is spoken for."""
FOR_REVIEW = (_S.SUBMITTED, _S.BUREAU_REVIEW)
FOR_APPROVAL = (_S.BUREAU_APPROVED, _S.TAX_REVIEW)
REVIEWED = (
    _S.BUREAU_APPROVED, _S.TAX_REVIEW, _S.TAX_APPROVED, _S.TREASURY_SENT, _S.FUND_PAYMENT, _S.PAY_FAILED, _S.PAID,
)  # fmt: skip
APPROVED = (_S.TAX_APPROVED, _S.TREASURY_SENT, _S.FUND_PAYMENT, _S.PAY_FAILED, _S.PAID)
PAYING = (_S.TREASURY_SENT, _S.FUND_PAYMENT)
ENDED = (_S.CLOSED, _S.REJECTED, _S.WITHDRAWN)
SAYS_WHY = (_S.RETURNED, _S.REJECTED, _S.WITHDRAWN, _S.PAY_FAILED)
RUNNING = tuple(state for state in CaseState if state not in (*ENDED, _S.DRAFT, _S.PAID))
"""The clock runs."""


class CandidateState(StrEnum):
    """What the system found: waiting, made a case, or dismissed with a reason."""

    OPEN = "OPEN"
    CASE = "CASE"
    DISMISSED = "DISMISSED"


CANDIDATE_MOVES: dict[str, frozenset[str]] = {
    CandidateState.OPEN: frozenset({CandidateState.CASE, CandidateState.DISMISSED}),
    CandidateState.CASE: frozenset({CandidateState.OPEN}),
    CandidateState.DISMISSED: frozenset({CandidateState.OPEN}),
}


class PayoutState(StrEnum):
    """A payout batch: frozen, released by a second person, or dropped before that."""

    FROZEN = "FROZEN"
    RELEASED = "RELEASED"
    DROPPED = "DROPPED"


PAYOUT_MOVES: dict[str, frozenset[str]] = {
    PayoutState.FROZEN: frozenset({PayoutState.RELEASED, PayoutState.DROPPED}),
    PayoutState.RELEASED: frozenset(),
    PayoutState.DROPPED: frozenset(),
}


class AnswerState(StrEnum):
    """A received answer file: applied, held for a second person, or rejected."""

    HELD = "HELD"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"


ANSWER_MOVES: dict[str, frozenset[str]] = {
    AnswerState.HELD: frozenset({AnswerState.APPLIED, AnswerState.REJECTED}),
    AnswerState.APPLIED: frozenset(),
    AnswerState.REJECTED: frozenset(),
}
