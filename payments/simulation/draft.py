"""A result file in the making: lines, header, bytes. Faults change it at the stage they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from bureau.money import ZERO
from payments.files.characters import ENCODING
from payments.files.delimited import RequestHeader, result_name
from payments.files.refusals import HELD_CODES, REJECTED_CODES, too_many_rejected
from payments.files.results import ResultHeader, result_header_text
from payments.simulation.desk import Desk, line_text
from payments.simulation.plan import FilePlan, Planted, SimulatedFile, Total, plan_lines
from payments.states import Bucket, FileState


@dataclass(slots=True)
class Draft:
    """`reasons` collects the codes under which the file must be refused or held; none means APPLIED."""

    desk: Desk
    answer: int
    lines: list[Planted]
    header: ResultHeader
    header_text: str | None = None
    line_end: str = "\r\n"
    encoding: str = ENCODING
    edits: list[Callable[[bytes], bytes]] = field(default_factory=list)
    digest: bytes | None = None
    reasons: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The file's name, by its header."""
        header = self.header
        return result_name(header.bank, header.region, header.day, header.batch, self.answer)


def count_header(request: RequestHeader, lines: list[Planted], *, answer: int = 1) -> ResultHeader:
    """The header as the bank counts it (design: bank-files 8.1, Totals): by what it meant to write.

    Each further answer is dated a day later, so that no two files of a batch are ever the same.
    """
    good = [one for one in lines if one.ok]
    others = [one for one in lines if not one.ok]
    return ResultHeader(
        region=request.region,
        bank=request.bank,
        agency=request.agency,
        day=request.day,
        batch=request.batch,
        lines=len(lines),
        amount=_sum([one.due for one in lines]),
        ok_lines=len(good),
        ok_amount=_sum([one.paid for one in good]),
        failed_lines=len(others),
        failed_amount=_sum([one.due for one in others]),
        processed_on=request.debit_to + timedelta(days=answer - 1),
    )


def _sum(amounts: list[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def render(draft: Draft) -> bytes:
    """The bytes of the file."""
    texts = [result_header_text(draft.header) if draft.header_text is None else draft.header_text]
    texts += [line_text(number, one) for number, one in enumerate(draft.lines, start=1)]
    end = draft.line_end
    content = "".join(f"{text}{end}" for text in texts if text).encode(draft.encoding)
    for edit in draft.edits:
        content = edit(content)
    return content


def finish(draft: Draft, *, answered_before: frozenset[str] = frozenset()) -> SimulatedFile:
    """The file with its plan. `answered_before` are references that earlier applied files answered."""
    plan = FilePlan(file=draft.name, state=FileState.APPLIED)
    content = render(draft)
    refused = [code for code in REJECTED_CODES if code in draft.reasons]
    if refused:
        plan.state, plan.reasons, plan.changed = FileState.REJECTED, tuple(refused), 0
        return SimulatedFile(draft.name, content, draft.digest, plan)
    plan_lines(plan, draft.lines)
    rejected = plan.buckets[Bucket.REJECTED].lines
    if too_many_rejected(rejected, len(draft.lines)):
        draft.reasons.add("TOO_MANY_REJECTED")
    plan.reasons = tuple(code for code in HELD_CODES if code in draft.reasons)
    if plan.reasons:
        plan.state, plan.changed = FileState.HELD, 0
    answered = answered_before | {one.ref for one in draft.lines if one.own}
    missing = [line.amount for line in draft.desk.lines if line.ref not in answered]
    plan.no_answer = Total(len(missing), _sum(missing))
    return SimulatedFile(draft.name, content, draft.digest, plan)
