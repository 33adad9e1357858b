"""What each line of an answer means by the books as they are, and why a file is held; nothing is written here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bureau.money import ZERO, yuan
from bureau.names import fold_name
from payments.files.results import ResultLine
from payments.models import ResultCode
from refunds.models import PayoutAnswer, PayoutBatch, PayoutLine
from refunds.pain import VERSIONS
from refunds.payoutfile import TREASURY_KEY
from refunds.services.answerreading import Read

_O = PayoutAnswer.Outcome


@dataclass
class Planned:
    """What each line means, in the order of the file, and what is wrong with the file as a whole."""

    answers: list[PayoutAnswer] = field(default_factory=list)
    repeated: int = 0
    reasons: list[dict[str, Any]] = field(default_factory=list)


def plan(read: Read) -> Planned:
    """What each line means by the books as they are now; under the locks of the batch's cases."""
    planned = Planned()
    payouts = {line.ref: line for line in read.batch.payouts.all()}
    before: dict[int, dict[str, PayoutAnswer]] = {line.pk: {} for line in payouts.values()}
    for answer in PayoutAnswer.objects.filter(payout__batch=read.batch).order_by("pk"):
        before[answer.payout_id or 0][answer.outcome] = answer
    codes = _codes(read.batch)
    used = _serials_used(read)
    seen: set[str] = set()
    for number, line in enumerate(read.lines, start=1):
        if line is None:
            planned.answers.append(_strange(number, read.batch, "LINE_UNREADABLE"))
            continue
        payout = payouts.get(line.ref)
        reason = _not_ours(payout, line, read.batch, again=line.ref in seen)
        seen.add(line.ref)
        if reason or payout is None:
            planned.answers.append(_strange(number, read.batch, reason, line))
            continue
        fresh = _answer(number, payout, line, codes, before[payout.pk], used)
        if fresh is None:
            planned.repeated += 1
        else:
            planned.answers.append(fresh)
    _check_whole(read, planned)
    return planned


def _codes(batch: PayoutBatch) -> list[ResultCode]:
    code_set = (
        "TIPS" if batch.bank is None else "ISO20022" if batch.layout in VERSIONS else batch.bank.code_set
    )
    return list(ResultCode.objects.filter(code_set=code_set).order_by("priority", "pk"))


def _serials_used(read: Read) -> set[str]:
    """Serials of the file that paid another refund of this bank before."""
    said = {line.serial[:40] for line in read.lines if line is not None and line.serial}
    rows = PayoutAnswer.objects.filter(
        bank_key=read.batch.bank_id or TREASURY_KEY, outcome=_O.PAID, serial__in=said
    )
    return set(rows.values_list("serial", flat=True))


def _meaning(codes: Sequence[ResultCode], code: str, text: str) -> str:
    """The internal meaning; nothing for a code that is in no table."""
    return next((row.internal for row in codes if row.code == code and row.pattern in text), "")


def _not_ours(payout: PayoutLine | None, line: ResultLine, batch: PayoutBatch, *, again: bool) -> str:
    if payout is None:
        return "UNKNOWN_REFERENCE"
    if again:
        return "REPEATED_IN_FILE"
    account = payout.tax_number if batch.bank is None else payout.account
    differs = (
        (line.account and line.account != account)
        or (line.holder and fold_name(line.holder) != fold_name(payout.holder))
        or (line.due > 0 and line.due != payout.amount)
    )
    return "VALUES_DIFFER" if differs else ""


def _answer(
    number: int,
    payout: PayoutLine,
    line: ResultLine,
    codes: Sequence[ResultCode],
    before: Mapping[str, PayoutAnswer],
    used: set[str],
) -> PayoutAnswer | None:
    """What a line of ours says; None where an earlier file said the same."""
    internal = _meaning(codes, line.code, line.note)
    made = PayoutAnswer(
        id=number,
        payout=payout,
        region_id=payout.region_id,
        code=line.code[:10],
        internal=internal,
        text=line.note[:200],
        bank_key=payout.batch.bank_id or TREASURY_KEY,
        serial=line.serial[:40],
        paid=line.paid,
        paid_on=line.debited_on,
    )
    paid, failed = before.get(_O.PAID), before.get(_O.FAILED)
    if internal in ("", "PENDING"):
        made.outcome, made.reason = _O.PENDING.value, "" if internal else "UNKNOWN_CODE"
        return None if paid or failed else made
    if internal == "OK":
        return _said_paid(made, payout, line, (paid, failed), used)
    if paid is None:
        made.outcome = _O.FAILED.value
        return None if failed else made
    if _O.RETURNED in before:
        return None
    made.outcome = (_O.RETURNED if internal == "REVERSED" else _O.STRANGE).value
    made.reason = "" if internal == "REVERSED" else "CONTRADICTS_PAID"
    return made


def _said_paid(
    made: PayoutAnswer,
    payout: PayoutLine,
    line: ResultLine,
    before: tuple[PayoutAnswer | None, PayoutAnswer | None],
    used: set[str],
) -> PayoutAnswer | None:
    paid, failed = before
    if paid is not None and (paid.serial, paid.paid) == (line.serial, line.paid):
        return None
    made.outcome = _O.STRANGE.value
    made.paid = made.paid or payout.amount
    if paid is not None:
        made.reason = "SECOND_PAYMENT"
    elif failed is not None:
        # The case may be in another batch by now: a person looks before anything is counted.
        made.reason = "CONTRADICTS_FAILED"
    elif made.paid != payout.amount or line.debited_on is None or not line.serial:
        made.reason = "PAID_WITHOUT_PROOF"
    elif made.serial in used:
        made.reason = "SERIAL_REUSED"
    else:
        made.outcome = _O.PAID.value
        used.add(made.serial)
    return made


def _strange(number: int, batch: PayoutBatch, reason: str, line: ResultLine | None = None) -> PayoutAnswer:
    return PayoutAnswer(
        id=number,
        region_id=batch.region_id,
        outcome=_O.STRANGE.value,
        reason=reason,
        code=line.code[:10] if line else "",
        text=line.note[:200] if line else "",
        serial=line.serial[:40] if line else "",
        paid=line.paid if line else ZERO,
        paid_on=line.debited_on if line else None,
    )


def _check_whole(read: Read, planned: Planned) -> None:
    """Reasons to hold the file: totals that are not those of the lines, lines that nobody can explain."""

    def say(code: str, **params: object) -> None:
        planned.reasons.append({"code": code, "params": {key: str(value) for key, value in params.items()}})

    lines = [line for line in read.lines if line is not None]
    said = read.lines_said
    xml = read.batch.layout in VERSIONS
    expected = read.batch.lines if xml else len(read.lines)
    if said is not None and said != expected:
        say("COUNT_DIFFERS", expected=expected, found=said)
    due = read.batch.amount if xml else sum((line.due for line in lines), ZERO)
    if read.amount_said is not None and read.amount_said != due:
        say("TOTAL_DIFFERS", expected=yuan(due), found=yuan(read.amount_said))
    if read.ok_said is not None:
        codes = _codes(read.batch)
        good = [line for line in lines if _meaning(codes, line.code, line.note) == "OK"]
        ok = (len(good), sum((line.paid for line in good), ZERO))
        if ok != read.ok_said:
            say(
                "TOTAL_DIFFERS",
                expected=f"{ok[0]} {yuan(ok[1])}",
                found=f"{read.ok_said[0]} {yuan(read.ok_said[1])}",
            )
    strange = Counter(answer.reason for answer in planned.answers if answer.outcome == _O.STRANGE)
    for reason, number in sorted(strange.items()):
        say(reason, lines=number)


def tally(batch: PayoutBatch, planned: Planned) -> dict[str, Any]:
    """Lines and yuan by outcome; what the batch asked and nobody has answered yet."""
    buckets: dict[str, dict[str, Any]] = {}
    for outcome in _O.values:
        mine = [answer for answer in planned.answers if answer.outcome == outcome]
        amounts = [answer.payout.amount if answer.payout else answer.paid for answer in mine]
        buckets[outcome] = {"lines": len(mine), "amount": yuan(sum(amounts, ZERO))}
    answered = {answer.payout_id for answer in planned.answers if answer.payout_id}
    answered |= set(PayoutAnswer.objects.filter(payout__batch=batch).values_list("payout_id", flat=True))
    silent = [line.amount for line in batch.payouts.all() if line.pk not in answered]
    return {
        "batch": batch.title,
        "buckets": buckets,
        "repeated": planned.repeated,
        "no_answer": {"lines": len(silent), "amount": yuan(sum(silent, ZERO))},
        "changed": len(planned.answers),
    }
