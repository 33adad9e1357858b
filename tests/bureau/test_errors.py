"""Errors: stable codes, rendering in any language, survival of pickling."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator

import pytest

from bureau import clock, identity, money, periods, workdays
from bureau.errors import BureauError, render

KERNEL = (clock, identity, money, periods, workdays)


class TooLate(BureauError):
    code = "too_late"
    message = "Paid on %(day)s, the window closed on %(close)s."


def subclasses(cls: type[BureauError]) -> Iterator[type[BureauError]]:
    for child in cls.__subclasses__():
        yield child
        yield from subclasses(child)


def kernel_errors() -> list[type[BureauError]]:
    names = {module.__name__ for module in KERNEL}
    return [error for error in subclasses(BureauError) if error.__module__ in names]


def test_an_error_renders_in_english_with_its_parameters() -> None:
    assert (
        str(TooLate(day="2025-03-01", close="2025-02-28"))
        == "Paid on 2025-03-01, the window closed on 2025-02-28."
    )


def test_a_door_translates_the_template_not_the_sentence() -> None:
    catalogue = {TooLate.message: "%(close)s 已截止, %(day)s 缴费."}
    error = TooLate(day="2025-03-01", close="2025-02-28")
    assert render(error, lambda text: catalogue[text]) == "2025-02-28 已截止, 2025-03-01 缴费."


@pytest.mark.parametrize("broken", ["%(nobody)s", "%(day)d", "100 %", "%(day)"])
def test_a_broken_translation_falls_back_to_english(broken: str) -> None:
    error = TooLate(day="2025-03-01", close="2025-02-28")
    assert render(error, lambda text: broken) == str(error)


def test_a_message_without_parameters_may_hold_a_percent_sign() -> None:
    class Rate(BureauError):
        code = "rate"
        message = "More than 1 % of the lines are unreadable."

    assert str(Rate()) == "More than 1 % of the lines are unreadable."


def test_a_missing_parameter_is_a_fault_of_the_program() -> None:
    with pytest.raises(TypeError, match="TooLate needs the parameters: close"):
        TooLate(day="2025-03-01")


def test_further_parameters_are_welcome() -> None:
    assert TooLate(day="a", close="b", line=7).params == {"day": "a", "close": "b", "line": 7}


def test_errors_are_equal_by_class_and_parameters() -> None:
    class Other(TooLate):
        code = "other"

    same, twin = TooLate(day="a", close="b"), TooLate(day="a", close="b")
    assert same == twin
    assert hash(same) == hash(twin)
    assert same != TooLate(day="a", close="c")
    assert same != Other(day="a", close="b")
    assert same != ValueError("a")


def test_unhashable_parameters_leave_an_error_hashable() -> None:
    assert {TooLate(day=["a"], close="b")} == {TooLate(day=["a"], close="b")}


def pickled(error: BureauError) -> object:
    return pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_an_error_survives_copying_and_pickling(again: Callable[[BureauError], object]) -> None:
    error = TooLate(day="2025-03-01", close="2025-02-28")
    assert again(error) == error
    assert str(again(error)) == str(error)


def test_repr_names_class_code_and_parameters() -> None:
    assert repr(TooLate(day="a", close="b")) == "TooLate('too_late', day='a', close='b')"


def test_every_kernel_error_has_a_code_of_its_own() -> None:
    errors = kernel_errors()
    codes = [error.code for error in errors]
    assert len(errors) > 20
    assert len(set(codes)) == len(codes)
    assert all(error.code.isidentifier() and error.code.islower() for error in errors)
    assert all("message" in vars(error) for error in errors)
