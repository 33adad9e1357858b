"""Why a row of cover was written, and what it says where it says more than the decision itself."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class CoverReason(StrEnum):
    """DECIDED after a payment, EXEMPT where aid carries everything; CORRECTED: decided anew from corrected
    facts; DIED and LEFT end cover early; the others take away what was decided.
    """

    DECIDED = "DECIDED"
    EXEMPT = "EXEMPT"
    POLICY = "POLICY"
    REVERSED = "REVERSED"
    REFUNDED = "REFUNDED"
    SWAPPED = "SWAPPED"
    CORRECTED = "CORRECTED"
    DIED = "DIED"
    LEFT = "LEFT"


#: The reasons that take cover away; what was paid for has gone back.
ENDING = frozenset({CoverReason.REVERSED, CoverReason.REFUNDED, CoverReason.SWAPPED})

#: The reasons that end cover early; what was paid for stays paid.
SHORTENED = frozenset({CoverReason.DIED, CoverReason.LEFT})

_SHORTENED = {
    CoverReason.DIED: ("参保人死亡，{period}。", "The insured died: {period}."),
    CoverReason.LEFT: ("参保关系已终止，{period}。", "The enrolment ended: {period}."),
}
_ENDED = {
    CoverReason.REVERSED: (
        "{paid_on}的缴费已被银行冲正，{year}年度的待遇自始取消。",
        "The bank reversed the payment of {paid_on}: the cover for {year} is withdrawn from its start.",
    ),
    CoverReason.REFUNDED: (
        "{paid_on}的缴费已退费，{year}年度的待遇自始取消。",
        "The payment of {paid_on} was refunded: the cover for {year} is withdrawn from its start.",
    ),
    CoverReason.SWAPPED: (
        "{year}年度改由另一笔缴费承担，{paid_on}的缴费转为重复缴费，原待遇自始取消。",
        "Another payment carries {year} instead; the payment of {paid_on} is the duplicate, its cover is withdrawn.",
    ),
}
_EXEMPT = (
    "参保费由资助全额承担，个人不缴费，以{paid_on}为缴费日：",
    "Aid pays the whole contribution and {paid_on} counts as the day of payment: ",
)
_AGAIN = ("政策调整后重新认定：", "Decided again after a change of the policy: ")
_OTHERWISE = (
    "按{rule}规则认定，{period}；认定时的规则与现行规则不同。",
    "Decided by the rule {rule}: {period}; the rule has since been written differently.",
)


def ended_sentence(reason: CoverReason, *, paid_on: date | None, year: int, chinese: bool) -> str:
    """The sentence of a row that takes cover away (a reason of ENDING)."""
    return _ENDED[reason][0 if chinese else 1].format(paid_on=paid_on or "", year=year)


def exempt_prefix(*, paid_on: date, chinese: bool) -> str:
    """What stands before the decision of somebody who pays nothing."""
    return _EXEMPT[0 if chinese else 1].format(paid_on=paid_on)


def again_prefix(*, chinese: bool) -> str:
    """What stands before a decision made anew by a later version of the terms."""
    return _AGAIN[0 if chinese else 1]


def bare_sentence(*, rule: str, start: date | None, last: date | None, year: int, chinese: bool) -> str:
    """The sentence of a row that today's rules would decide in another way: what it holds, without its
    reasons.
    """
    period = _period(start, last, year, chinese=chinese)
    return _OTHERWISE[0 if chinese else 1].format(rule=rule, period=period)


def shortened_sentence(
    reason: CoverReason, *, start: date | None, last: date | None, year: int, chinese: bool
) -> str:
    """The sentence of a row that ends cover early (a reason of SHORTENED)."""
    period = _period(start, last, year, chinese=chinese)
    return _SHORTENED[reason][0 if chinese else 1].format(period=period)


def _period(start: date | None, last: date | None, year: int, *, chinese: bool) -> str:
    if start is None or last is None:
        return f"{year}年度内没有待遇" if chinese else f"no cover in {year}"
    return f"待遇期为{start}至{last}" if chinese else f"cover from {start} to {last}"
