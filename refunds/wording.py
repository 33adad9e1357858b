"""The sentence that tells a decision about a refund, as a clerk reads it out, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

#: Reasons in Chinese and English (design: domain 5.3).
REASONS: Mapping[str, tuple[str, str]] = {
    "DUP_PAY": ("重复缴费", "the year was paid twice"),
    "EMPLOYEE": ("已参加职工医保", "employee cover was joined"),
    "OTHER_REGION": ("已在其他统筹地区参加居民医保", "resident cover was taken in another region"),
    "DEATH": ("参保人死亡", "the insured person died"),
    "AID_DIFF": ("获得资助参保资格", "aid was granted"),
    "CLERK_ERROR": ("经办错误", "the office made a mistake"),
    "BANK_ERROR": ("银行错扣或重复扣款", "the bank debited by mistake"),
    "GRADE": ("变更缴费档次", "another grade is wanted"),
    "STUDENT": ("大学生与居民身份重复缴费", "the year was paid at school and at home"),
    "ARMY": ("参军入伍", "the insured person joined the army"),
    "EMIGRATE": ("出国定居或户籍注销、迁出", "the insured person emigrated or moved away"),
    "PRISON": ("被判服刑", "the insured person is in prison"),
    "LATE_MISTAKE": ("截止后误缴", "it was paid by mistake after the last day"),
    "VOLUNTARY": ("个人不愿参保", "the person does not want to be insured"),
}
PAYEES: Mapping[str, tuple[str, str]] = {
    "PAYER": ("原路退回缴费人", "the payer, the way it came"),
    "HEIR": ("退给继承人", "the heir"),
    "MEDICAL_ACCOUNT": ("退回原职工医保个人账户", "the medical account it came from"),
}
_TEXTS: Mapping[str, tuple[str, str]] = {
    "UNSETTLED_VOID": (
        "该笔费款已申报但未扣款，不办理退费，由税务部门作废申报记录。",
        "It was declared and never debited: nothing is refunded, the tax office voids the record.",
    ),
    "BANK_RETURNS": (
        "{paid_on}已扣款{paid}元但未入账，不办理退费，由银行在3个工作日内原路退回。",
        "{paid} yuan were debited on {paid_on} and never booked: no refund is needed, the bank returns them within 3 "
        "working days.",
    ),
    "MANUAL": (
        "原因为“{reason}”，须由经办人员逐案核定。",
        "The reason is that {reason}: a person decides this case.",
    ),
    "VOLUNTARY": (
        "个人不愿参保不属于退费情形，不予退费。",
        "Not wanting to be insured is no reason for a refund.",
    ),
    "CLAIMS_PAID": (
        "{claim}已用本次缴费的待遇结算医疗费，不予退费。",
        "A claim was settled on this cover on {claim}: nothing is refunded.",
    ),
    "AFTER_START": (
        "待遇自{begun}起算，{tested}已进入待遇享受期，“{reason}”不在待遇开始后可退之列，不予退费。",
        "Cover counts as begun from {begun}; {tested} is not before that, and it is no reason accepted afterwards that "
        "{reason}: nothing is refunded.",
    ),
    "AID_NEXT_YEAR": (
        "资助资格自{event}认定，晚于缴费日{paid_on}，按本地规定从下一年度起享受资助，不退差额。",
        "Aid was granted on {event}, after the payment of {paid_on}: here it counts from the next year, nothing is "
        "refunded.",
    ),
    "NOTHING_OVER": (
        "实缴{paid}元没有多缴部分，不予退费。",
        "Of the {paid} yuan paid nothing is over: nothing is refunded.",
    ),
    "NOT_ELIGIBLE_WHEN_PAID": (
        "{paid_on}缴费时已正常参加职工医保（自{event}起），全额退还{amount}元，{payee}。",
        "Employee cover was running (since {event}) when it was paid on {paid_on}: {amount} yuan go back to {payee}.",
    ),
    "AID_DIFF": (
        "自{listed}起获得资助参保资格，退还资助差额{amount}元（实缴{paid}元），{payee}。",
        "Aid was granted ({listed}): the difference of {amount} of {paid} yuan goes back to {payee}.",
    ),
}
_REFUND = (
    "{reason}，退还{amount}元（{paid_on}缴费{paid}元），{payee}。",
    "Since {reason}, {amount} of the {paid} yuan paid on {paid_on} go back to {payee}.",
)


def told(*, chinese: bool, rule: str, reason: str, payee: str, **values: Any) -> str:
    """The sentence of a decision in Chinese or English; amounts in yuan, dates as YYYY-MM-DD."""
    which = 0 if chinese else 1
    words = {key: _shown(value) for key, value in values.items()}
    unknown = ("未知日期", "an unknown day")[which]
    words |= {key: words.get(key) or unknown for key in ("event", "claim", "begun", "tested")}
    words["listed"] = words["event"]
    words["reason"] = REASONS[reason][which]
    words["payee"] = PAYEES[payee][which] if payee else ""
    return _TEXTS.get(rule, _REFUND)[which].format_map(words)


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else str(value or "")
