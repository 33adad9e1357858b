"""What a bank says in a second file about a batch: repeats, corrections, reversals, and what was missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from payments.files.delimited import RequestLine
from payments.simulation.desk import Desk
from payments.simulation.plan import Plant, Planted
from payments.states import Bucket

_PER = 1000
_EXACT_FROM = 20
_AFTER_BOOKED = {Plant.REPEATED: 600, Plant.REVERSED: 20, Plant.CONTRADICTED: 10, Plant.SECOND_DEBIT: 10}
_AFTER_DECLINED = {
    Plant.REPEATED: 500,
    Plant.OK_AFTER_DECLINED: 200,
    Plant.DECLINED_AGAIN: 100,
    Plant.OLD_SERIAL: 20,
}
_AFTER_PENDING = {Plant.OK_AFTER_PENDING: 500, Plant.DECLINED_AFTER_PENDING: 200, Plant.STILL_PENDING: 200}
_AFTER_NOTHING = {Plant.OK_AFTER_NOTHING: 700}
_AFTER: dict[Bucket, dict[Plant, int]] = {
    Bucket.SETTLED: _AFTER_BOOKED,
    Bucket.DUPLICATE: _AFTER_BOOKED,
    Bucket.DECLINED: _AFTER_DECLINED,
    Bucket.PENDING: _AFTER_PENDING,
    Bucket.UNMATCHED: {Plant.REPEATED: 1000},
    Bucket.REJECTED: {Plant.REPEATED: 1000},
}
"""Of a thousand lines that the first file left in a bucket; the rest is not mentioned again."""


def second_answers(desk: Desk, first: Sequence[Planted]) -> list[Planted]:
    """A later file of the same batch, shuffled; `first` are the lines of the file before it."""
    by_ref = {line.ref: line for line in desk.lines}
    serials = [one.serial for one in first if one.plant is Plant.OK and one.serial]
    later: list[Planted] = []
    for bucket, choices in _AFTER.items():
        group = [
            one
            for one in first
            if one.bucket is bucket and one.plant not in (Plant.REPEATED_IN_FILE, Plant.UNREADABLE)
        ]
        for one, plant in zip(group, _deal(desk, choices, len(group)), strict=True):
            if plant is Plant.REPEATED:
                later.append(repeated(one))
            elif plant is not None and (serials or plant is not Plant.OLD_SERIAL):
                later.append(_turned(desk, plant, by_ref[one.ref], one, serials))
    answered = {one.ref for one in first if one.own}
    missing = [line for line in desk.lines if line.ref not in answered]
    dealt = _deal(desk, _AFTER_NOTHING, len(missing))
    later += [desk.answer(plant, line) for line, plant in zip(missing, dealt, strict=True) if plant]
    desk.rng.shuffle(later)
    return later


def repeated(one: Planted) -> Planted:
    """A line of an earlier file word for word: the same bucket, and nothing new where that was final."""
    final = one.bucket not in (Bucket.REJECTED, Bucket.PENDING)
    return replace(one, plant=Plant.REPEATED, repeated=final, copy_of=one)


def _turned(desk: Desk, plant: Plant, line: RequestLine, one: Planted, serials: Sequence[str]) -> Planted:
    """Another answer than the first time."""
    if plant is Plant.CONTRADICTED:
        return desk.contradict(line)
    answer = desk.answer(plant, line)
    if plant is Plant.REVERSED:
        answer.serial = desk.rng.choice([one.serial, ""])
    elif plant is Plant.OLD_SERIAL:
        answer.serial = desk.rng.choice(serials)
    elif plant is Plant.DECLINED_AGAIN:
        answer.repeated = True
    return answer


def _deal(desk: Desk, rates: dict[Plant, int], places: int) -> list[Plant | None]:
    """What comes at each of some places, None for nothing: each plant at least once where there is room."""
    dealt: list[Plant | None] = []
    for plant, rate in rates.items():
        wanted = rate * places / _PER
        count = max(1, round(wanted)) if places >= _EXACT_FROM else int(wanted + desk.rng.random())
        dealt += [plant] * count
    dealt = (dealt + [None] * places)[:places]
    desk.rng.shuffle(dealt)
    return dealt
