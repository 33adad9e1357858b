"""Which instructions get which answer in the first file of a batch."""

from __future__ import annotations

from collections.abc import Sequence

from payments.files.delimited import RequestLine
from payments.simulation.desk import Desk, copy_line
from payments.simulation.plan import Plant, Planted

_PER = 1000
_EXACT_FROM = 400
"""Requests of this size or more get every plant at least once; smaller ones by chance, mostly clean."""

_MIX: tuple[tuple[Plant, float], ...] = (
    (Plant.DECLINED, 70),
    (Plant.HOLDER_VARIANT, 10),
    (Plant.PENDING, 5),
    (Plant.NO_ANSWER, 4),
    (Plant.UNKNOWN_CODE, 3),
    (Plant.HOLDER_DIFFERS, 2),
    (Plant.ACCOUNT_DIFFERS, 1),
    (Plant.DUE_DIFFERS, 1),
    (Plant.PAID_DIFFERS, 1),
    (Plant.DATE_OUTSIDE, 1),
    (Plant.SERIAL_REUSED, 1),
    (Plant.REVERSED_UNPOSTED, 1),
    (Plant.OK_WITHOUT_MONEY, 0.3),
    (Plant.OK_WITHOUT_SERIAL, 0.3),
    (Plant.MONEY_WITHOUT_OK, 0.3),
)
"""Of a thousand instructions; the others are plainly OK. REJECTED ones stay far below 1 %."""

_EXTRA: tuple[tuple[Plant, float], ...] = (
    (Plant.REPEATED_IN_FILE, 0.5),
    (Plant.UNKNOWN_REF_OK, 0.5),
    (Plant.UNKNOWN_REF_DECLINED, 0.3),
    (Plant.OTHER_BATCH_OK, 0.3),
    (Plant.OTHER_BATCH_DECLINED, 0.3),
)
"""Lines beyond those of the request, to a thousand instructions."""


def _share(desk: Desk, rate: float, lines: int) -> int:
    wanted = rate * lines / _PER
    if lines >= _EXACT_FROM:
        return max(1, round(wanted))
    return int(wanted + desk.rng.random())


def first_answers(desk: Desk) -> list[Planted]:
    """The usual mix: shuffled, about 90 % debited, and every plant that a first file can have."""
    order = list(desk.lines)
    desk.rng.shuffle(order)
    plants = [plant for plant, rate in _MIX for _ in range(_share(desk, rate, len(order)))]
    places = desk.rng.sample(range(len(order)), min(len(order), len(plants)))
    planted_at = dict(zip(places, plants, strict=False))
    placed: list[tuple[float, Planted]] = []
    for place, line in enumerate(order):
        plant = planted_at.get(place, Plant.OK)
        if plant is not Plant.NO_ANSWER:
            placed.append((float(place), desk.answer(plant, line)))
    placed += _extra_lines(desk, order, placed)
    placed.sort(key=lambda pair: pair[0])
    return [one for _place, one in placed]


def _extra_lines(
    desk: Desk, order: Sequence[RequestLine], placed: Sequence[tuple[float, Planted]]
) -> list[tuple[float, Planted]]:
    extra = []
    rng = desk.rng
    repeatable = [pair for pair in placed if pair[1].plant in (Plant.OK, Plant.DECLINED)]
    for plant, rate in _EXTRA:
        for _ in range(_share(desk, rate, len(order))):
            if plant is Plant.REPEATED_IN_FILE:
                if repeatable:
                    place, original = rng.choice(repeatable)
                    later = place + (len(order) - place) * rng.random()
                    extra.append((later, copy_line(original, plant)))
            else:
                extra.append((rng.uniform(0, len(order)), desk.answer(plant, rng.choice(order))))
    return extra


def same_answer(desk: Desk, plant: Plant) -> list[Planted]:
    """Every instruction answered alike (all OK, all declined), in another order than the request."""
    order = list(desk.lines)
    desk.rng.shuffle(order)
    return [desk.answer(plant, line) for line in order]
