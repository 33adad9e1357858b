"""The simulated bank: a request goes in, result files and the plan of what must come of them come out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from bureau.errors import gettext_noop
from payments.files.delimited import RequestHeader, RequestLine, result_name
from payments.simulation.answers import first_answers
from payments.simulation.desk import Desk, SimulatedBank, give_serials
from payments.simulation.draft import Draft, count_header, finish
from payments.simulation.faults import (
    BYTE_FAULTS,
    HEADER_FAULTS,
    LINE_FAULTS,
    MIXES,
    MORE_FILES,
    FaultImpossible,
    UnknownFault,
    list_faults,
)
from payments.simulation.later import repeated, second_answers
from payments.simulation.plan import Planted, SimulatedFile
from payments.states import FileState

NOT_APPLIED = gettext_noop("the first file would not be applied")
ONE_MIX = gettext_noop("it replaces the mix, as another one does")


def simulate(
    header: RequestHeader,
    lines: Sequence[RequestLine],
    *,
    seed: int,
    faults: Sequence[str] = (),
    bank: SimulatedBank | None = None,
    paid_elsewhere: Collection[str] = (),
) -> list[SimulatedFile]:
    """Answer a request as a bank would: one file, or more where the faults ask for it.

    The same values give the same bytes. `faults` are names of `list_faults`; those on a file change the first
    file. `paid_elsewhere` are references of instructions whose person's year is paid by another channel
    before the file arrives. Plans hold for a batch that nothing was applied to yet, and for files that are
    received in their order.

    Raises UnknownFault, FaultImpossible, UnknownCodeSet, UnknownSerialOrder.
    """
    faults = tuple(dict.fromkeys(faults))
    for fault in faults:
        if fault not in list_faults():
            raise UnknownFault(fault=fault)
    desk = Desk(header, lines, bank=bank or SimulatedBank(), seed=seed, paid_elsewhere=paid_elsewhere)
    draft = _draft(desk, _mix(desk, faults), faults)
    first = finish(draft)
    files = [first]
    for fault in MORE_FILES:
        if fault not in faults:
            continue
        if first.plan.state is not FileState.APPLIED:
            raise FaultImpossible(fault=fault, why=NOT_APPLIED)
        files.append(_another(desk, draft, files, fault))
    return files


def _mix(desk: Desk, faults: Sequence[str]) -> list[Planted]:
    mixes = [fault for fault in faults if fault in MIXES]
    if len(mixes) > 1:
        raise FaultImpossible(fault=mixes[1], why=ONE_MIX)
    planted = MIXES[mixes[0]](desk) if mixes else first_answers(desk)
    give_serials(planted, desk, answer=1)
    return planted


def _draft(desk: Desk, planted: list[Planted], faults: Sequence[str]) -> Draft:
    """The first file with its faults: lines first, then the header that counts them, then the bytes."""
    draft = Draft(desk=desk, answer=1, lines=planted, header=count_header(desk.header, planted))
    for fault in faults:
        if fault in LINE_FAULTS:
            LINE_FAULTS[fault].apply(draft)
    draft.header = count_header(desk.header, draft.lines)
    for stage in (HEADER_FAULTS, BYTE_FAULTS):
        for fault in faults:
            if fault in stage:
                stage[fault].apply(draft)
    known = LINE_FAULTS | HEADER_FAULTS | BYTE_FAULTS
    draft.reasons |= {known[fault].reason for fault in faults if fault in known} - {""}
    return draft


def _another(desk: Desk, first: Draft, files: Sequence[SimulatedFile], fault: str) -> SimulatedFile:
    """One more file of the batch, after the first one was applied."""
    answer = len(files) + 1
    request = desk.header
    answered = frozenset(one.ref for one in first.lines if one.own)
    if fault == "same_bytes":
        name = result_name(request.bank, request.region, request.day, request.batch, answer)
        plan = replace(
            files[0].plan, file=name, state=FileState.REJECTED, reasons=("ALREADY_RECEIVED",), changed=0
        )
        return SimulatedFile(name, files[0].content, None, plan)
    if fault == "same_content_lf":
        lines = [repeated(one) for one in first.lines]
        draft = Draft(desk=desk, answer=answer, lines=lines, header=first.header, line_end="\n")
        draft.edits = list(first.edits)
        draft.reasons.add("SAME_CONTENT")
        return finish(draft, answered_before=answered)
    lines = second_answers(desk, first.lines)
    give_serials(lines, desk, answer=answer)
    draft = Draft(desk=desk, answer=answer, lines=lines, header=count_header(request, lines, answer=answer))
    return finish(draft, answered_before=answered)
