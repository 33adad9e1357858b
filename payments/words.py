"""The river's codes in words, with the colour each wears: for pages and exports; nothing decides anything here."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bureau.pages import badge
from payments.files.resultcodes import FACTS, ResultCode
from payments.models.bankfiles import BUCKET_CHOICES
from payments.models.settlement import OUTCOME_CHOICES
from payments.states import (
    BatchState,
    Bucket,
    DebitCaseState,
    FileState,
    InstructionState,
    MandateState,
    OrderState,
    Outcome,
    ReceivableState,
    WorkState,
)

Words = Mapping[str, tuple[Any, str]]

FILE_STATES: Words = {
    FileState.QUEUED: (_("queued"), "info"),
    FileState.RUNNING: (_("running"), "primary"),
    FileState.HELD: (_("held"), "warning"),
    FileState.APPLIED: (_("applied"), "success"),
    FileState.REJECTED: (_("rejected"), "danger"),
    FileState.PARKED: (_("parked"), "danger"),
}
BATCH_STATES: Words = {
    BatchState.FROZEN: (_("frozen"), "warning"),
    BatchState.RELEASED: (_("released"), "success"),
    BatchState.DROPPED: (_("dropped"), ""),
}
WORK_STATES: Words = {
    WorkState.OPEN: (_("not taken yet"), "warning"),
    WorkState.TAKEN: (_("taken"), "info"),
    WorkState.RESOLVED: (_("resolved"), "success"),
}
MANDATE_STATES: Words = {
    MandateState.SIGNED: (_("signed"), "warning"),
    MandateState.VERIFIED: (_("verified"), "success"),
    MandateState.CANCELLED: (_("cancelled"), ""),
}
ORDER_STATES: Words = {
    OrderState.OPEN: (_("waits for payment"), "info"),
    OrderState.ASKED: (_("channel is asked"), "warning"),
    OrderState.PAID: (_("paid"), "success"),
    OrderState.CANCELLED: (_("cancelled"), ""),
    OrderState.EXPIRED: (_("given up"), ""),
}
RECEIVABLE_STATES: Words = {
    ReceivableState.ASSESSED: (_("assessed"), ""),
    ReceivableState.EXEMPT: (_("exempt: aid pays all"), "info"),
    ReceivableState.PUSHED: (_("pushed to the tax office"), "info"),
    ReceivableState.DECLARED_UNPAID: (_("declared, not in the treasury"), "warning"),
    ReceivableState.DEBITING: (_("being debited"), "primary"),
    ReceivableState.SETTLED: (_("paid"), "success"),
    ReceivableState.IN_TREASURY: (_("in the treasury"), "success"),
    ReceivableState.VOIDED: (_("void"), ""),
    ReceivableState.REVERSED: (_("taken back by the bank"), "danger"),
    ReceivableState.REFUNDED: (_("refunded"), "warning"),
}
INSTRUCTION_STATES: Words = {
    InstructionState.FROZEN: (_("frozen"), ""),
    InstructionState.SENT: (_("sent, no answer yet"), "info"),
    InstructionState.PENDING: (_("bank has no final answer"), "warning"),
    InstructionState.DECLINED: (_("declined"), "danger"),
    InstructionState.UNMATCHED: (_("debited, not matched"), "danger"),
    InstructionState.SETTLED: (_("settled"), "success"),
    InstructionState.DUPLICATE: (_("duplicate"), "warning"),
    InstructionState.RELEASED: (_("let go without an answer"), ""),
    InstructionState.REVERSED: (_("taken back by the bank"), "danger"),
}
BUCKET_NAMES: Mapping[int, Any] = dict(BUCKET_CHOICES)
BUCKET_TONES: Mapping[int, str] = {
    Bucket.SETTLED: "success",
    Bucket.DUPLICATE: "violet",
    Bucket.DECLINED: "",
    Bucket.PENDING: "info",
    Bucket.UNMATCHED: "warning",
    Bucket.REJECTED: "danger",
}
OUTCOME_NAMES: Mapping[int, Any] = dict(OUTCOME_CHOICES)
OUTCOME_TONES: Mapping[int, str] = {
    Outcome.MATCHED: "success",
    Outcome.OURS_ONLY: "danger",
    Outcome.THEIRS_ONLY: "danger",
    Outcome.AMOUNT_DIFF: "warning",
    Outcome.DATE_DIFF: "info",
    Outcome.DUP: "violet",
}
DEBIT_CASE_STATES: Words = {
    DebitCaseState.OPEN: (_("waits for the bank"), "warning"),
    DebitCaseState.ESCALATED: (_("the bank is late"), "danger"),
    DebitCaseState.RETURNED: (_("the bank returned it"), "success"),
    DebitCaseState.BOOKED: (_("booked after all"), "success"),
    DebitCaseState.EXPLAINED: (_("explained by a person"), ""),
}
DAY_CUT_STATES: Words = {
    "EVEN": (_("even"), "success"),
    "DIFFERENT": (_("differs"), "danger"),
    "UNSETTLED": (_("under way to the treasury"), "info"),
    "NO_STATEMENT": (_("no statement yet"), "warning"),
}
LINE_REASONS: Mapping[str, Any] = {
    "LINE_UNREADABLE": _("the line cannot be read"),
    "AMOUNT_UNREADABLE": _("an amount cannot be read"),
    "AMOUNT_OVER_LIMIT": _("an amount is over 9,999,999,999.99"),
    "CONTROL_CHARACTERS": _("the line holds control characters"),
    "NUMBER_UNREADABLE": _("the line's number cannot be read"),
    "FIELD_TOO_LONG": _("a field is too long"),
    "DATE_UNREADABLE": _("the debit date is no date"),
    "REPEATED_IN_FILE": _("the reference stands on an earlier line of this file"),
    "OK_WITHOUT_MONEY": _("reported as debited, with no amount"),
    "OK_WITHOUT_SERIAL": _("reported as debited, without a bank serial"),
    "MONEY_WITHOUT_OK": _("not reported as debited, with an amount"),
    "UNKNOWN_REFERENCE": _("our books do not know this reference"),
    "ACCOUNT_DIFFERS": _("another account than we asked for"),
    "HOLDER_DIFFERS": _("another account holder than we asked for"),
    "DUE_DIFFERS": _("another amount due than we asked for"),
    "PAID_DIFFERS": _("another amount debited than we asked for"),
    "DATE_MISSING": _("the debit date is missing"),
    "DATE_IN_FUTURE": _("the debit date is still to come"),
    "DATE_OUTSIDE_WINDOW": _("the debit date is outside the debit days of the batch"),
    "REVERSED": _("the bank took the payment back"),
    "EARLIER_DEBIT": _("debited before the payment that carries the year, and would cover sooner"),
    "DUPLICATE_LEFT": _("the payment that carried the year was taken back; a duplicate of it is still here"),
    "CONTRADICTS_POSTED": _("contradicts a payment that is posted"),
    "SECOND_DEBIT": _("a second debit for an instruction that is paid"),
    "UNKNOWN_CODE": _("the bank's result code is not in our table"),
    "SERIAL_REUSED": _("the bank serial already stands for another reference"),
    "PAID_ELSEWHERE": _("the year is paid in another region"),
    "EXEMPT_ELSEWHERE": _("aid carries the year in another region"),
    "ALREADY_PAID": _("the year is already paid"),
    "TURN_UNREADABLE": _("neither received nor returned"),
    "NOT_TOLD": _("the channel debited and never told us"),
    "RETURN_UNKNOWN": _("nothing of ours was to be returned"),
    "AMOUNT_DIFFERS": _("another amount than ours"),
    "DATE_DIFFERS": _("another date than ours; cover stays the same"),
    "COVER_DIFFERS": _("by this date cover would begin on another day"),
    "BEFORE_DEBIT": _("in the treasury before it was debited"),
    "AFTER_FILE_DAY": _("in the treasury after the day of the file"),
    "SETTLED_BEFORE": _("the treasury confirmed it before"),
    "NOT_STATED": _("the statement of the day lacks it"),
    "ORDER_AMOUNT_DIFFERS": _("the channel took another amount than the order's"),
    "DEBITED_OUTSIDE_YEAR": _("debited on a day on which the year cannot be paid"),
}
MEANINGS: Mapping[str, Any] = {
    "OK": _("debit succeeded"),
    "PENDING": _("no final answer"),
    "NO_FUNDS": _("not enough money"),
    "NO_ACCOUNT": _("no such account"),
    "CLOSED": _("account closed"),
    "BLOCKED": _("account blocked"),
    "NAME_MISMATCH": _("holder's name differs"),
    "ID_MISMATCH": _("ID document differs"),
    "NO_MANDATE": _("no mandate at the bank"),
    "MANDATE_OFF": _("mandate cancelled at the bank"),
    "ACCT_TYPE": _("kind of account not accepted"),
    "DORMANT": _("dormant account"),
    "LIMIT": _("over a limit"),
    "AMOUNT": _("wrong amount"),
    "DUP": _("repeated request"),
    "DECEASED": _("account holder deceased"),
    "STOPPED": _("stopped by the payer"),
    "FORMAT": _("faulty file or message"),
    "BANK_SYS": _("bank's system failed"),
    "REVERSED": _("taken back by the bank"),
    "OTHER": _("other"),
}
HELD_REASONS: Mapping[str, Any] = {
    "COUNT_DIFFERS": _("The header announces %(said)s lines, the file has %(read)s."),
    "TOTAL_DIFFERS": _("%(field)s: the header says %(said)s, the lines add up to %(read)s."),
    "LINE_UNREADABLE": _("%(lines)s lines cannot be read; the first is line %(first_line)s."),
    "AMOUNT_UNREADABLE": _(
        "%(lines)s lines have an amount that cannot be read; the first is line %(first_line)s."
    ),
    "AMOUNT_OVER_LIMIT": _(
        "%(lines)s lines have an amount over 9,999,999,999.99; the first is line %(first_line)s."
    ),
    "TOO_MANY_REJECTED": _("%(lines)s lines are rejected: more than 20 and more than 1 %% of the file."),
    "SAME_CONTENT": _("The same content was received before as file %(file)s."),
    "DAY_CLOSED": _("The accounting day %(day)s is closed."),
}
HEADER_FIELDS: Mapping[str, Any] = {
    "lines": _("lines"),
    "amount": _("amount due"),
    "ok_lines": _("successful lines"),
    "ok_amount": _("successful amount"),
    "failed_lines": _("other lines"),
    "failed_amount": _("other amount"),
    "processed_on": _("processed on"),
    "day": _("entrusted on"),
    "batch": _("batch number"),
    "received": _("received"),
    "returned": _("returned"),
    "treasury": _("treasury"),
    "taken": _("taken"),
    "refused": _("refused"),
}
PHASES: Mapping[str, Any] = {
    "": _("waiting for a worker"),
    "STAGING": _("reading the file"),
    "MATCHING": _("matching the lines"),
    "POSTING": _("posting"),
}
LEFT_OUT: Mapping[str, Any] = {
    "NOTHING_DUE": _("nothing is due"),
    "PAID": _("already paid"),
    "DECEASED": _("deceased"),
    "ENROLLMENT_NOT_LIVE": _("enrolment suspended or ended"),
    "PENDING_ANSWER": _("the bank has not answered the last debit"),
    "UNRESOLVED_MONEY": _("debited money is still being cleared up"),
    "HELD": _("another channel is collecting"),
    "NO_MANDATE": _("no mandate"),
    "MANDATE_CANCELLED": _("mandate cancelled"),
    "MANDATE_NOT_VERIFIED": _("mandate not verified"),
    "OTHER_BANK": _("mandate at another bank"),
    "NEW_ACCOUNT_NEEDED": _("the last debit failed: a new account is needed"),
    "ASK_THE_BANK": _("the last debit failed: the payer settles it with the bank"),
    "LOOK_FIRST": _("the last debit failed: a person looks at it first"),
    "MANDATE_STOPPED": _("mandate stopped after failed debits"),
    "TRIED_TODAY": _("tried on the same day"),
    "NO_TRY_LEFT": _("99 tries are used up"),
    "NAME_NOT_ENCODABLE": _("the holder's name cannot be written for the bank"),
}
WORK_TONES: Mapping[str, str] = {
    "UNMATCHED": "danger",
    "REJECTED_MONEY": "danger",
    "UNKNOWN_CODE": "warning",
    "CONTRADICTION": "danger",
    "REVERSED": "info",
    "LATE_OK": "info",
    "SWAP": "warning",
    "LONG": "danger",
    "SHORT": "danger",
    "STATED_AMOUNT": "danger",
    "STATED_DATE": "warning",
    "RETURN_UNKNOWN": "danger",
}

RESOLUTIONS: Mapping[str, Any] = {
    "BOOKED_BY_LATER_FILE": _("a later file booked the money"),
    "STATED_LATER": _("a later list has it"),
    "RETURNED_BY_BANK": _("the money went back to the payer"),
    "ON_ANOTHER_CASE": _("another case has this money"),
    "CARRIED_AGAIN": _("another payment carries the year by now"),
    "WENT_BACK_TOO": _("the duplicate went back too"),
}
"""What the river itself did about a work item."""

WORK_ADVICE: Mapping[str, Any] = {
    "UNMATCHED": _(
        "The bank debited this money and we could not book it: ask the bank; it goes back or is matched."
    ),
    "REJECTED_MONEY": _(
        "The bank debited this money in a line we refused: ask the bank for a corrected line."
    ),
    "UNKNOWN_CODE": _(
        "Ask the bank what this code means; until then nothing is booked and nothing is let go."
    ),
    "CONTRADICTION": _("The payment stays booked: ask the bank which of its two answers is right."),
    "REVERSED": _("The payment was reversed and its cover ended: tell the payer; the year is due again."),
    "DUPLICATE_LEFT": _(
        "Nothing carries the year, and the payer's money is here: let the duplicate carry it, with a second person, or refund it."
    ),
    "LATE_OK": _(
        "First declined, debited after all, and booked: tell the payer if a text message said otherwise."
    ),
    "SWAP": _("An earlier debit would give the better cover: a supervisor decides."),
    "LONG": _("The other side has money that our books lack: ask it; the money is booked or goes back."),
    "SHORT": _(
        "Our books have a payment that the statement lacks: ask the channel before cover rests on it."
    ),
    "STATED_AMOUNT": _("Two amounts for one payment: ask the channel; the difference is found or goes back."),
    "STATED_DATE": _("Two dates for one payment: the bank's debit date decides when cover begins."),
    "RETURN_UNKNOWN": _("The channel gave back money that we count as paid: ask why before anything else."),
}


def state_badge(words: Words, state: str) -> SafeString:
    """A state as a coloured label; one without words shows its code."""
    text, tone = words.get(state, (state, ""))
    return badge(text, tone)


def bucket_badge(bucket: int) -> SafeString:
    """A bucket as a coloured label."""
    return badge(BUCKET_NAMES[bucket], BUCKET_TONES[bucket])


def outcome_badge(outcome: int) -> SafeString:
    """An outcome as a coloured label."""
    return badge(OUTCOME_NAMES[outcome], OUTCOME_TONES[outcome])


def line_reason(code: str) -> str:
    """Why a line went to its bucket; empty for a plain one."""
    return str(LINE_REASONS.get(code, code))


def resolution(words: str) -> str:
    """What was done about a work item: in somebody's words, or the river's."""
    return str(RESOLUTIONS.get(words, words))


def meaning(internal: str) -> str:
    """What a bank's code means; empty for one without meaning."""
    return str(MEANINGS.get(internal, internal))


def advice(internal: str) -> str:
    """What to do about a bank's answer."""
    return gettext(FACTS[ResultCode(internal)].action) if internal in MEANINGS else ""


def file_reasons(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """The stored reasons of a held, refused or parked file as sentences."""
    return [_sentence(reason) for reason in reasons]


def _sentence(reason: Mapping[str, Any]) -> str:
    code = str(reason.get("code", ""))
    values = {**reason, **reason.get("params", {})}
    if "field" in values:
        values["field"] = HEADER_FIELDS.get(values["field"], values["field"])
    template = (
        HELD_REASONS[code]
        if code in HELD_REASONS and "message" not in reason
        else reason.get("message", code)
    )
    try:
        return gettext(str(template)) % values if "message" in reason else str(template) % values
    except (KeyError, TypeError, ValueError):
        return code
