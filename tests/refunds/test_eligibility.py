"""The refund decision: each rule by hand, at its boundary, and what holds for any facts and terms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.choices import AidApplies, CorrectionMode, RefundCutoff, RefundReason
from refunds.eligibility import (
    AmountNotPaid,
    Decision,
    Facts,
    MoneyState,
    NotAReason,
    Outcome,
    Payee,
    RefundTerms,
    RuleCode,
    decide,
)

PAID_ON, START = date(2024, 10, 8), date(2025, 1, 1)
PLAIN = Facts(
    benefit_year=2025,
    paid=Decimal("400.00"),
    paid_on=PAID_ON,
    money_state=MoneyState.SETTLED,
    channel="WECHAT",
    reason=RefundReason.EMIGRATE,
    applied_on=date(2024, 12, 31),
    cover_start=START,
)


def seen(terms: RefundTerms | None = None, **facts: Any) -> tuple[str, str, str, str]:
    """Outcome, rule, yuan and payee of PLAIN with other facts."""
    made = decide(terms or RefundTerms(), replace(PLAIN, **facts))
    return made.outcome.value, made.rule, str(made.amount), made.payee.value


def test_before_cover_begins_the_payer_gets_it_back() -> None:
    assert seen() == ("REFUND", "EMIGRATE", "400.00", "PAYER")
    assert seen(money_state=MoneyState.IN_TREASURY) == ("REFUND", "EMIGRATE", "400.00", "PAYER")


def test_from_the_first_covered_day_on_it_is_refused() -> None:
    assert seen(applied_on=START) == ("REFUSE", "AFTER_START", "0.00", "")


def test_without_cover_nothing_has_begun() -> None:
    """Neither the person's own start nor 1 January counts where no cover rests on the payment."""
    late = {"cover_start": None, "applied_on": date(2025, 11, 30)}
    assert seen(**late)[0] == "REFUND"
    assert seen(RefundTerms(cutoff=RefundCutoff.YEAR_JAN1), **late)[0] == "REFUND"


def test_the_cutoff_may_be_the_first_of_january() -> None:
    """A late payer inside the wait: refunded by the person's start, refused by the year's."""
    late = {"cover_start": date(2025, 6, 2), "applied_on": date(2025, 5, 10)}
    assert seen(**late)[0] == "REFUND"
    assert seen(RefundTerms(cutoff=RefundCutoff.YEAR_JAN1), **late)[1] == "AFTER_START"
    assert (
        seen(RefundTerms(cutoff=RefundCutoff.YEAR_JAN1), **late | {"applied_on": date(2024, 12, 31)})[0]
        == "REFUND"
    )


def test_the_day_of_death_decides_not_the_day_of_asking() -> None:
    """Whoever died before cover began is refunded to the heir, whatever the channel and however late."""
    late = {"reason": RefundReason.DEATH, "applied_on": date(2025, 9, 1), "channel": "FAMILY_SHARE"}
    assert seen(**late, event_date=date(2024, 12, 31)) == ("REFUND", "DEATH", "400.00", "HEIR")
    assert seen(**late, event_date=START)[1] == "AFTER_START"


def test_undebited_and_unposted_money_is_not_refunded() -> None:
    assert seen(money_state=MoneyState.DECLARED_UNPAID) == ("VOID", "UNSETTLED_VOID", "0.00", "")
    assert seen(money_state=MoneyState.DEBITED_NOT_POSTED) == ("BANK_CASE", "BANK_RETURNS", "0.00", "")
    # Before every other rule, even one that refuses.
    voluntary = {"reason": RefundReason.VOLUNTARY, "money_state": MoneyState.DECLARED_UNPAID}
    assert seen(**voluntary)[0] == "VOID"


def test_some_reasons_are_refused_or_left_to_a_person() -> None:
    assert seen(reason=RefundReason.VOLUNTARY) == ("REFUSE", "VOLUNTARY", "0.00", "")
    for reason in (RefundReason.GRADE, RefundReason.STUDENT):
        assert seen(reason=reason) == ("REVIEW", "MANUAL", "0.00", "")


def test_a_settled_claim_blocks() -> None:
    """Also before the first covered day by the calendar; not for a duplicate, a bank's error, or aid; not everywhere."""
    claim = {"claims_settled_on": date(2025, 1, 5)}
    assert seen(**claim) == ("REFUSE", "CLAIMS_PAID", "0.00", "")
    assert seen(RefundTerms(claims_block=False), **claim)[0] == "REFUND"
    for reason in (RefundReason.DUP_PAY, RefundReason.BANK_ERROR):
        assert seen(**claim, reason=reason)[0] == "REFUND"
    assert seen(**claim, reason=RefundReason.AID_DIFF, aid=Decimal(240))[0] == "REFUND"
    was_employee = {"reason": RefundReason.EMPLOYEE, "event_date": date(2024, 1, 1)}
    assert seen(**claim, **was_employee)[1] == "CLAIMS_PAID"


def test_employee_cover_that_ran_when_paying() -> None:
    """Joined on the very day counts; a day later does not; only where the region lists the reason."""
    later = {"reason": RefundReason.EMPLOYEE, "applied_on": date(2025, 3, 1)}
    assert seen(**later, event_date=PAID_ON) == ("REFUND", "NOT_ELIGIBLE_WHEN_PAID", "400.00", "PAYER")
    assert seen(**later, event_date=date(2024, 10, 9))[1] == "AFTER_START"
    strict = RefundTerms(after_start_reasons=(RefundReason.DUP_PAY,))
    assert seen(strict, **later, event_date=PAID_ON)[1] == "AFTER_START"


def test_reasons_that_a_region_adds_hold_after_the_start() -> None:
    army = {"reason": RefundReason.ARMY, "applied_on": date(2025, 3, 5)}
    assert seen(**army)[1] == "AFTER_START"
    assert seen(RefundTerms(after_start_reasons=(RefundReason.ARMY,)), **army)[:2] == ("REFUND", "ARMY")


def test_aid_brings_the_difference() -> None:
    """Never more than was paid; from the next year where the region says so and the list came after the payment."""
    aided = {"reason": RefundReason.AID_DIFF, "event_date": date(2025, 4, 2), "applied_on": date(2025, 4, 10)}
    assert seen(**aided, aid=Decimal("240.00"))[2] == "240.00"
    assert seen(**aided, aid=Decimal("480.00"))[2] == "400.00"
    next_year = RefundTerms(aid_applies=AidApplies.NEXT_YEAR)
    assert seen(next_year, **aided, aid=Decimal(240))[1] == "AID_NEXT_YEAR"
    listed_that_day = aided | {"event_date": PAID_ON}
    assert seen(next_year, **listed_that_day, aid=Decimal(240))[0] == "REFUND"
    assert seen(**aided)[:2] == ("REVIEW", "MANUAL")
    assert seen(**aided, aid=Decimal("0.00"))[:2] == ("REFUSE", "NOTHING_OVER")


def test_a_clerks_error_goes_back_whole_or_by_the_difference() -> None:
    wrong = {"reason": RefundReason.CLERK_ERROR, "paid": Decimal("750.00"), "correct": Decimal("405.00")}
    difference = RefundTerms(correction_mode=CorrectionMode.DIFFERENCE)
    assert seen(**wrong)[2] == "750.00"
    assert seen(difference, **wrong)[2] == "345.00"
    assert seen(difference, **wrong | {"correct": None})[2] == "750.00"
    assert seen(difference, **wrong | {"correct": Decimal("750.00")})[:2] == ("REFUSE", "NOTHING_OVER")


def test_family_sharing_goes_back_to_the_account_it_came_from() -> None:
    assert seen(channel="FAMILY_SHARE")[3] == "MEDICAL_ACCOUNT"


def test_what_is_no_application_is_refused() -> None:
    with pytest.raises(NotAReason):
        replace(PLAIN, reason=RefundReason.NOT_ELIGIBLE_WHEN_PAID)
    with pytest.raises(AmountNotPaid):
        replace(PLAIN, paid=Decimal("0.00"))


def test_the_sentences() -> None:
    """What a clerk reads out."""
    refused = decide(RefundTerms(), replace(PLAIN, applied_on=date(2025, 3, 1)))
    assert refused.explain_zh == (
        "待遇自2025-01-01起算，2025-03-01已进入待遇享受期，“出国定居或户籍注销、迁出”不在待遇开始后可退之列，不予退费。"
    )
    paid = decide(RefundTerms(), PLAIN)
    assert (
        paid.explain_zh
        == "出国定居或户籍注销、迁出，退还400.00元（2024-10-08缴费400.00元），原路退回缴费人。"
    )
    assert paid.explain_en == (
        "Since the insured person emigrated or moved away, 400.00 of the 400.00 yuan paid on 2024-10-08 go back to the "
        "payer, the way it came."
    )


DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
YUAN = st.decimals(0, 2000, places=2)
REASONS = st.sampled_from([r for r in RefundReason if r != RefundReason.NOT_ELIGIBLE_WHEN_PAID])
TERMS = st.builds(
    RefundTerms,
    cutoff=st.sampled_from(RefundCutoff),
    after_start_reasons=st.frozensets(st.sampled_from(RefundReason)),
    aid_applies=st.sampled_from(AidApplies),
    correction_mode=st.sampled_from(CorrectionMode),
    claims_block=st.booleans(),
)
FACTS = st.builds(
    Facts,
    benefit_year=st.just(2025),
    paid=st.decimals("0.01", 2000, places=2),
    paid_on=DAYS,
    money_state=st.sampled_from(MoneyState),
    channel=st.sampled_from(["WECHAT", "FAMILY_SHARE", "BANK_BATCH"]),
    reason=REASONS,
    applied_on=DAYS,
    cover_start=st.none() | DAYS,
    event_date=st.none() | DAYS,
    aid=st.none() | YUAN,
    correct=st.none() | YUAN,
    claims_settled_on=st.none() | DAYS,
)
_REFUSING = {
    "VOLUNTARY", RuleCode.CLAIMS_PAID, RuleCode.AFTER_START, RuleCode.AID_NEXT_YEAR, RuleCode.NOTHING_OVER,
}  # fmt: skip


@given(TERMS, FACTS)
def test_any_decision_is_whole(terms: RefundTerms, facts: Facts) -> None:
    """Never more than was paid; money and payee with a refund and only then; a refusal names its rule; two sentences."""
    made: Decision = decide(terms, facts)
    refunds = made.outcome == Outcome.REFUND
    assert 0 <= made.amount <= facts.paid
    assert (made.amount > 0) is refunds
    assert (made.payee != Payee.NOBODY) is refunds
    if made.outcome == Outcome.REFUSE:
        assert made.rule in _REFUSING
    if refunds:
        assert made.rule in {facts.reason, RuleCode.NOT_ELIGIBLE_WHEN_PAID}
    for sentence in (made.explain_zh, made.explain_en):
        assert sentence.endswith(("。", "."))
        assert "{" not in sentence
    assert decide(terms, facts) == made
