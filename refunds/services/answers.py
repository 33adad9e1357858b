"""Answers to payouts, through the same rooms as the river: bytes kept, identified, read strictly; REJECTED, HELD or APPLIED.

A paid line closes the case's payout, a failed one brings the case back to the clerk with the bank's words, a pending or
unknown code changes nothing. What belongs to nothing of ours, or contradicts, holds the file for a second person.
"""

import hashlib
import io
import os
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from bureau.money import ZERO, yuan
from bureau.names import fold_name
from payments.files.blocks import BlockReader
from payments.files.delivery import check_digest, sm3
from payments.files.limits import RESULT_COLUMNS, Limits
from payments.files.refusals import EmptyFile, FileRefused, TooLarge
from payments.files.results import LineUnreadable, ResultLine, parse_result_line
from payments.models import ResultCode
from refunds.models import PayoutAnswer, PayoutBatch, PayoutFile, PayoutLine, RefundCase
from refunds.models.payouts import LINES_A_FILE
from refunds.pain import VERSIONS, looks_like_xml, read_pain002
from refunds.payoutfile import TREASURY_KEY, answer_header
from refunds.services import steps
from refunds.services.payouts import PayoutMoved, PayoutSecondPerson
from refunds.states import PAYING, AnswerState, CaseState, PayoutState

UPLOAD = "refund.answer"
FOLDER = "payouts"
MOST_BYTES = 64 * 2**20
_O = PayoutAnswer.Outcome


class UnknownPayout(FileRefused):
    """The header names a batch that was never released here."""

    code = "UNKNOWN_BATCH"
    message = gettext_noop("This answers no payout batch of your regions: %(batch)s.")


class AnswerReceived(FileRefused):
    """The same bytes are here; the first report counts."""

    code = "ALREADY_RECEIVED"
    message = gettext_noop("Already uploaded on %(at)s by %(who)s as file %(file)s.")


@dataclass(frozen=True)
class Read:
    """A readable answer: its batch, its lines (None where one cannot be read), and what its header claims."""

    batch: PayoutBatch
    lines: list[ResultLine | None]
    lines_said: int | None
    amount_said: Decimal | None
    ok_said: tuple[int, Decimal] | None = None


@dataclass
class Planned:
    """What each line means, in the order of the file, and what is wrong with the file as a whole."""

    answers: list[PayoutAnswer] = field(default_factory=list)
    repeated: int = 0
    reasons: list[dict[str, Any]] = field(default_factory=list)


def receive(
    *, source: BinaryIO, name: str, digest: bytes | None, by: User, at: datetime, dry_run: bool = False
) -> dict[str, Any]:
    """Take an answer in; the report says what became of it. ``dry_run``: nothing is kept or changed. Raises NotAllowed."""
    access.require(by, UPLOAD)
    content = source.read(MOST_BYTES + 1)
    sha256 = hashlib.sha256(content).hexdigest()
    earlier = _same_bytes(sha256)
    if earlier is not None:
        return report_of(earlier, already=True)
    try:
        read = _identify(content, name, digest, by)
    except FileRefused as error:
        return {"state": "REJECTED", "reasons": [_reason(error)], "name": name} if dry_run else report_of(
            _reject(content, name, sha256, error, by, at)
        )  # fmt: skip
    if dry_run:
        planned = _plan(read)
        state = AnswerState.HELD if planned.reasons else AnswerState.APPLIED
        return {"name": name, "state": state.value, "reasons": planned.reasons, **_tally(read.batch, planned)}
    try:
        with transaction.atomic(), audit.acting(by=by, why="answer to a payout", name=name[:100]):
            cases = _lock(read.batch)
            planned = _plan(read)
            state = AnswerState.HELD if planned.reasons else AnswerState.APPLIED
            file = _file(content, name, sha256, state, by, at, read.batch)
            file.reasons, file.report = planned.reasons, _tally(read.batch, planned)
            if state == AnswerState.APPLIED:
                _apply(file, planned, cases, by, at)
                file.report = _tally(read.batch, planned)
            file.save(update_fields=["reasons", "report"])
            return report_of(file)
    except IntegrityError:
        earlier = _same_bytes(sha256)
        if earlier is None:
            raise
        return report_of(earlier, already=True)


def decide_held(*, file_id: int, approve: bool, words: str, by: User, at: datetime) -> PayoutFile:
    """A second person lets a held answer in, strange lines written down as such, or rejects it for good.

    Raises PayoutMoved, PayoutSecondPerson, ReasonNeeded (a rejection needs one), NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why=words or "release a held answer", file=file_id):
        file = PayoutFile.objects.select_for_update(of=("self",)).select_related("batch").get(pk=file_id)
        access.require(by, UPLOAD, file.region_id)
        if file.state != AnswerState.HELD or file.batch is None:
            raise PayoutMoved(batch=file.name, state=file.state)
        if file.uploaded_by_id == by.pk:
            raise PayoutSecondPerson()
        file.released_by, file.released_at = by, at
        if not approve:
            file.state = AnswerState.REJECTED.value
            file.reasons = [
                *file.reasons,
                {"code": "TURNED_DOWN", "message": steps.words_of(words), "params": {}},
            ]
            file.save(update_fields=["state", "reasons", "released_by", "released_at"])
            return file
        content = path_of(file).read_bytes()
        cases = _lock(file.batch)
        planned = _plan(_read(content, file.batch))
        file.state = AnswerState.APPLIED.value
        _apply(file, planned, cases, by, at)
        file.report = _tally(file.batch, planned)
        file.save(update_fields=["state", "report", "released_by", "released_at"])
        return file


# --- the bytes ---------------------------------------------------------------------------------------


def _same_bytes(sha256: str) -> PayoutFile | None:
    return PayoutFile.objects.filter(sha256=sha256).exclude(state=AnswerState.REJECTED).order_by("id").first()


def path_of(file: PayoutFile) -> Path:
    """Where the stored original lies."""
    return Path(settings.MEDIA_ROOT) / FOLDER / file.stored_as


def _file(
    content: bytes,
    name: str,
    sha256: str,
    state: AnswerState,
    by: User,
    at: datetime,
    batch: PayoutBatch | None,
) -> PayoutFile:
    """The row, after its bytes are on the disk under a random name."""
    stored_as = f"{uuid.uuid4().hex}.bin"
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder / stored_as, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        copy.write(content)
        copy.flush()
        os.fsync(copy.fileno())
    home = by.staff_regions.order_by("region_id").values_list("region_id", flat=True).first()
    return PayoutFile.objects.create(
        name=name[:200],
        stored_as=stored_as,
        size=len(content),
        sha256=sha256,
        region_id=batch.region_id if batch else home,
        batch=batch,
        state=state.value,
        uploaded_by=by,
        uploaded_at=at,
    )


def _reject(content: bytes, name: str, sha256: str, error: FileRefused, by: User, at: datetime) -> PayoutFile:
    with transaction.atomic(), audit.acting(by=by, why="answer to a payout", name=name[:100]):
        file = _file(content, name, sha256, AnswerState.REJECTED, by, at, None)
        file.reasons = [_reason(error)]
        file.save(update_fields=["reasons"])
        return file


def _reason(error: BureauError) -> dict[str, Any]:
    params = {key: str(value) for key, value in error.params.items()}
    return {"code": error.code, "message": error.message, "params": params}


# --- reading -----------------------------------------------------------------------------------------


def _identify(content: bytes, name: str, digest: bytes | None, by: User) -> Read:
    """Raises a FileRefused."""
    if not content:
        raise EmptyFile()
    if len(content) > MOST_BYTES:
        raise TooLarge(what=gettext_noop("bytes"), limit=MOST_BYTES)
    if digest is not None:
        check_digest(digest, hexdigest=sm3(content), name=name)
    return _read(content, _batch_of(content, by))


def _batch_of(content: bytes, by: User) -> PayoutBatch:
    released = access.for_user(PayoutBatch.objects.filter(state=PayoutState.RELEASED), by)
    if looks_like_xml(content):
        message = read_message(content)
        rows = released.filter(
            layout__in=VERSIONS, bank=message[:3], region=message[3:9], number=message[17:21] or 0
        )
        batch = next((one for one in rows.order_by("-day") if f"{one.day:%Y%m%d}" == message[9:17]), None)
        wanted = message
    else:
        header = answer_header(BlockReader(io.BytesIO(content)).first_line())
        where: dict[str, Any] = {"region_id": header.region, "day": header.day, "number": int(header.batch)}
        bank = {"bank": None} if header.bank == TREASURY_KEY else {"bank_id": header.bank}
        batch = released.filter(**where, **bank).order_by("pk").first()
        wanted = f"{header.bank}_{header.region}_{header.day:%Y%m%d}_{header.batch}"
        if batch is not None and header.agency != batch.unit:
            batch = None
    if batch is None:
        raise UnknownPayout(batch=wanted[:60])
    return batch


def read_message(content: bytes) -> str:
    """The answered message of a pain.002, as it stands in a number of ours, or nothing of ours."""
    message = read_pain002(content).message
    return message if len(message) == 21 and message.isdigit() else "0" * 21


def _read(content: bytes, batch: PayoutBatch) -> Read:
    if batch.layout in VERSIONS:
        report = read_pain002(content)
        return Read(batch, list(report.lines), report.lines_said, report.amount_said)
    reader = BlockReader(io.BytesIO(content), limits=Limits(max_file_bytes=MOST_BYTES))
    header = answer_header(reader.first_line())
    rows = b"".join(reader.blocks()).decode().splitlines()
    ok = (header.ok_lines, header.ok_amount)
    return Read(batch, [_line(row) for row in rows], header.lines, header.amount, ok)


def _line(row: str) -> ResultLine | None:
    """A line of the reader's; None where it cannot be read."""
    parts = row.split("|")
    if len(parts) != len(RESULT_COLUMNS) + 1 or parts.pop() or parts[0] == "\\N":
        return None
    try:
        return parse_result_line([part.replace("\\\\", "\\") for part in parts])
    except LineUnreadable:
        return None


# --- meaning -----------------------------------------------------------------------------------------


def _lock(batch: PayoutBatch) -> dict[int, RefundCase]:
    rows = RefundCase.objects.select_for_update(of=("self",)).filter(payouts__batch=batch)
    return {case.pk: case for case in rows.order_by("pk")}


def _plan(read: Read) -> Planned:
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


# --- effect ------------------------------------------------------------------------------------------


def _apply(
    file: PayoutFile, planned: Planned, cases: Mapping[int, RefundCase], by: User, at: datetime
) -> None:
    """Write the answers and move the cases; a case whose state has moved on keeps it, its answer becomes strange."""
    moves: dict[tuple[CaseState, str, Any], list[RefundCase]] = {}
    for answer in planned.answers:
        answer.id = file.pk * LINES_A_FILE + answer.id
        case = cases[answer.payout.case_id] if answer.payout is not None else None
        if case is None or answer.outcome in (_O.PENDING, _O.STRANGE):
            continue
        if answer.outcome == _O.RETURNED:
            fits, to = case.state == CaseState.PAID, CaseState.PAY_FAILED
        else:
            fits = case.state in PAYING
            to = CaseState.PAID if answer.outcome == _O.PAID else CaseState.PAY_FAILED
        if not fits:
            answer.outcome, answer.reason = _O.STRANGE.value, "CASE_MOVED_ON"
            continue
        words = "" if to == CaseState.PAID else f"{answer.internal} {answer.text}".strip()
        moves.setdefault((to, words, answer.paid_on if to == CaseState.PAID else None), []).append(case)
    PayoutAnswer.objects.bulk_create(planned.answers)
    for (to, words, paid_on), moved in moves.items():
        steps.move(moved, to, by=by, at=at, words=words, details={"file": file.pk}, paid_on=paid_on)


def _tally(batch: PayoutBatch, planned: Planned) -> dict[str, Any]:
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


def report_of(file: PayoutFile, *, already: bool = False) -> dict[str, Any]:
    """What became of a file; the same bytes again changed nothing."""
    report = dict(file.report)
    if already:
        report["changed"] = 0
        error = AnswerReceived(
            at=file.uploaded_at.isoformat(timespec="seconds"), who=file.uploaded_by.username, file=file.pk
        )
        return {
            "file": file.pk,
            "name": file.name,
            "state": "REJECTED",
            "reasons": [_reason(error)],
            **report,
        }
    return {"file": file.pk, "name": file.name, "state": file.state, "reasons": file.reasons, **report}
