"""The states of refunds with the colour each wears: for pages and exports; nothing decides anything here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from bureau.pages import badge
from refunds.models import RefundCase
from refunds.models.choices import PAPERS, REASONS, STATES
from refunds.models.payouts import PayoutAnswer
from refunds.papers import Paper
from refunds.states import AnswerState, CaseState, PayoutState

NAMES: Mapping[str, Any] = dict(STATES)
TONES: Mapping[str, str] = {
    CaseState.SUBMITTED: "warning",
    CaseState.RETURNED: "violet",
    CaseState.BUREAU_REVIEW: "info",
    CaseState.BUREAU_APPROVED: "warning",
    CaseState.TAX_REVIEW: "info",
    CaseState.TAX_APPROVED: "primary",
    CaseState.TREASURY_SENT: "primary",
    CaseState.FUND_PAYMENT: "primary",
    CaseState.PAY_FAILED: "danger",
    CaseState.PAID: "success",
    CaseState.CLOSED: "success",
    CaseState.REJECTED: "danger",
}
CITIZEN: Mapping[str, Any] = {
    CaseState.DRAFT: _("Your application is being put together."),
    CaseState.SUBMITTED: _("Your application was received and waits for the medical insurance bureau."),
    CaseState.RETURNED: _("Something is missing: %(words)s"),
    CaseState.BUREAU_REVIEW: _("The medical insurance bureau is looking at your application."),
    CaseState.BUREAU_APPROVED: _("The bureau agreed; the tax office checks the money."),
    CaseState.TAX_REVIEW: _("The tax office is checking the money."),
    CaseState.TAX_APPROVED: _("The refund of %(amount)s yuan is approved and will be paid out."),
    CaseState.TREASURY_SENT: _("The refund of %(amount)s yuan is with the treasury."),
    CaseState.FUND_PAYMENT: _("The refund of %(amount)s yuan is with the bank."),
    CaseState.PAY_FAILED: _("The payout failed (%(words)s): please give another account."),
    CaseState.PAID: _("%(amount)s yuan were paid out on %(paid_on)s."),
    CaseState.CLOSED: _("%(amount)s yuan were paid out on %(paid_on)s."),
    CaseState.REJECTED: _("The refund was refused: %(words)s"),
    CaseState.WITHDRAWN: _("The application was withdrawn."),
}
BATCHES: Mapping[str, tuple[Any, str]] = {
    PayoutState.FROZEN: (_("frozen"), "warning"),
    PayoutState.RELEASED: (_("released"), "success"),
    PayoutState.DROPPED: (_("dropped"), ""),
}
ANSWER_FILES: Mapping[str, tuple[Any, str]] = {
    AnswerState.HELD: (_("held for a second person"), "warning"),
    AnswerState.APPLIED: (_("applied"), "success"),
    AnswerState.REJECTED: (_("rejected"), "danger"),
}
OUTCOMES: Mapping[str, str] = {
    PayoutAnswer.Outcome.PAID: "success",
    PayoutAnswer.Outcome.FAILED: "danger",
    PayoutAnswer.Outcome.PENDING: "info",
    PayoutAnswer.Outcome.RETURNED: "danger",
    PayoutAnswer.Outcome.STRANGE: "warning",
}

RULES: Mapping[str, Any] = dict(REASONS) | {
    "UNSETTLED_VOID": _("declared, not debited: void"),
    "BANK_RETURNS": _("debited, not booked: the bank returns it"),
    "MANUAL": _("a person decides"),
    "CLAIMS_PAID": _("a claim was settled on this cover"),
    "AFTER_START": _("cover has begun"),
    "AID_NEXT_YEAR": _("aid counts from the next year"),
    "NOTHING_OVER": _("nothing is over"),
    "NOT_ELIGIBLE_WHEN_PAID": _("employee cover was running when it was paid"),
}
"""The rules of the decision by their codes; a reason that is granted is its own rule."""

ANSWER_REASONS: Mapping[str, Any] = {
    "COUNT_DIFFERS": _("The file says %(found)s lines; there are %(expected)s."),
    "TOTAL_DIFFERS": _("The file says %(found)s; its lines add up to %(expected)s."),
    "LINE_UNREADABLE": _("%(lines)s lines cannot be read."),
    "UNKNOWN_REFERENCE": _("%(lines)s lines belong to no payout of this batch."),
    "REPEATED_IN_FILE": _("%(lines)s lines stand in the file twice."),
    "VALUES_DIFFER": _("%(lines)s lines name another account, holder or amount than we asked for."),
    "CONTRADICTS_PAID": _("%(lines)s lines say failed of what was answered as paid."),
    "CONTRADICTS_FAILED": _("%(lines)s lines say paid of what was answered as failed."),
    "SECOND_PAYMENT": _("%(lines)s lines name another serial or amount than the payment answered before."),
    "PAID_WITHOUT_PROOF": _("%(lines)s lines say paid without serial or day, or with another amount."),
    "SERIAL_REUSED": _("%(lines)s lines name a serial that paid another refund."),
}
"""Why an answer is held, by its code."""


def answer_reasons(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """The stored reasons of an answer as sentences."""
    return [
        (gettext(str(one["message"])) if "message" in one else str(ANSWER_REASONS[one["code"]]))
        % one["params"]
        if "message" in one or one["code"] in ANSWER_REASONS
        else str(one["code"])
        for one in reasons
    ]


def rule_name(code: str) -> str:
    """A rule in words, with its code."""
    return f"{RULES[code]} {code}" if code in RULES else code


def state_badge(state: str) -> SafeString:
    """A case's state as a coloured label."""
    return badge(NAMES.get(state, state), TONES.get(state, ""))


def in_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "zh").startswith("zh")


def said(text: str) -> str:
    """A stored reason: what somebody wrote as it is, what the system wrote (kept in English) in the reader's language."""
    return gettext(text) if text else ""


def papers(kinds: Iterable[str]) -> str:
    """Papers by their names."""
    return "、".join(str(PAPERS[Paper(kind)]) for kind in kinds)


def reason_of(case: RefundCase) -> str:
    """Why a case stands where it does, for whom it is about: a rule's sentence in the reader's language, the papers that a
    desk ticked, or a person's own words.
    """
    told = said(case.words)
    if case.state == CaseState.REJECTED and not in_chinese():
        told = next(
            (line.explain_en for line in case.lines.order_by("pk") if line.explain_zh == case.words), told
        )
    if case.state == CaseState.RETURNED and case.missing:
        told = f"{told}（{papers(case.missing)}）"
    return told


def for_citizen(case: RefundCase) -> str:
    """Where it stands, in a sentence for the person who asked."""
    values = {
        "words": reason_of(case),
        "amount": f"{case.amount:.2f}",
        "paid_on": case.paid_on.isoformat() if case.paid_on else "",
    }
    return str(CITIZEN[case.state]) % values
