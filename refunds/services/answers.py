"""Answers to payouts, through the same rooms as the river: bytes kept, identified, read strictly; REJECTED, HELD or APPLIED.

A paid line closes the case's payout, a failed one brings the case back to the clerk with the bank's words, a pending or
unknown code changes nothing. What belongs to nothing of ours, or contradicts, holds the file for a second person.
"""

import hashlib
import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop
from bureau.models import User
from payments.files import resultcodes
from payments.files.refusals import FileRefused
from refunds.models import PayoutAnswer, PayoutBatch, PayoutFile, RefundCase
from refunds.models.payouts import LINES_A_FILE
from refunds.services import answermeaning, answerreading, steps
from refunds.services.payouts import PayoutMoved, PayoutSecondPerson
from refunds.states import PAYING, AnswerState, CaseState

UPLOAD = "refund.answer"
FOLDER = "payouts"
_O = PayoutAnswer.Outcome


class AnswerReceived(FileRefused):
    """The same bytes are here; the first report counts."""

    code = "ALREADY_RECEIVED"
    message = gettext_noop("Already uploaded on %(at)s by %(who)s as file %(file)s.")


def receive(
    *, source: BinaryIO, name: str, digest: bytes | None, by: User, at: datetime, dry_run: bool = False
) -> dict[str, Any]:
    """Take an answer in; the report says what became of it. ``dry_run``: nothing is kept or changed. Raises NotAllowed."""
    access.require(by, UPLOAD)
    content = source.read(answerreading.MOST_BYTES + 1)
    sha256 = hashlib.sha256(content).hexdigest()
    earlier = _same_bytes(sha256)
    if earlier is not None:
        return report_of(earlier, already=True)
    try:
        read = answerreading.identify(content, name, digest, by)
    except FileRefused as error:
        return {"state": "REJECTED", "reasons": [_reason(error)], "name": name} if dry_run else report_of(
            _reject(content, name, sha256, error, by, at)
        )  # fmt: skip
    if dry_run:
        planned = answermeaning.plan(read)
        state = AnswerState.HELD if planned.reasons else AnswerState.APPLIED
        return {
            "name": name,
            "state": state.value,
            "reasons": planned.reasons,
            **answermeaning.tally(read.batch, planned),
        }
    try:
        with transaction.atomic(), audit.acting(by=by, why="answer to a payout", name=name[:100]):
            cases = _lock(read.batch)
            planned = answermeaning.plan(read)
            state = AnswerState.HELD if planned.reasons else AnswerState.APPLIED
            file = _file(content, name, sha256, state, by, at, read.batch)
            file.reasons, file.report = planned.reasons, answermeaning.tally(read.batch, planned)
            if state == AnswerState.APPLIED:
                _apply(file, planned, cases, by, at)
                file.report = answermeaning.tally(read.batch, planned)
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
            raise PayoutMoved(batch=file.name, state=file.get_state_display())
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
        planned = answermeaning.plan(answerreading.read(content, file.batch))
        file.state = AnswerState.APPLIED.value
        _apply(file, planned, cases, by, at)
        file.report = answermeaning.tally(file.batch, planned)
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


# --- effect ------------------------------------------------------------------------------------------


def _why(answer: PayoutAnswer) -> str:
    """The bank's own words, for the clerk and the citizen; where it has none, those of its code."""
    known = answer.internal in set(resultcodes.ResultCode)
    meaning = resultcodes.FACTS[resultcodes.ResultCode(answer.internal)].text_zh if known else answer.code
    return answer.text or meaning


def _lock(batch: PayoutBatch) -> dict[int, RefundCase]:
    rows = RefundCase.objects.select_for_update(of=("self",)).filter(payouts__batch=batch)
    return {case.pk: case for case in rows.order_by("pk")}


def _apply(
    file: PayoutFile, planned: answermeaning.Planned, cases: Mapping[int, RefundCase], by: User, at: datetime
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
        words = "" if to == CaseState.PAID else _why(answer)
        moves.setdefault((to, words, answer.paid_on if to == CaseState.PAID else None), []).append(case)
    PayoutAnswer.objects.bulk_create(planned.answers)
    for (to, words, paid_on), moved in moves.items():
        steps.move(moved, to, by=by, at=at, words=words, details={"file": file.pk}, paid_on=paid_on)


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
