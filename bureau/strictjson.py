"""JSON as a partner must write it: UTF-8, one object, no key twice, no NaN, not deeper than anybody needs."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from bureau.errors import BureauError, gettext_noop

DEEPEST = 16
MOST_BRACKETS = 20_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}")


class BodyUnreadable(BureauError):
    """Not JSON."""

    code = "json_unreadable"
    message = gettext_noop("The body is not readable JSON in UTF-8.")


class BodyNotObject(BureauError):
    """JSON, but no object."""

    code = "json_not_object"
    message = gettext_noop("The body must be a JSON object.")


class KeyTwice(BureauError):
    """Which of the two was meant?"""

    code = "json_key_twice"
    message = gettext_noop("A key stands twice in one JSON object.")


class KeyOdd(BureauError):
    """No field of ours is called like this."""

    code = "json_key_odd"
    message = gettext_noop("A key of a JSON object holds characters that no field of ours has.")


class TooDeep(BureauError):
    """Brackets in brackets in brackets."""

    code = "json_too_deep"
    message = gettext_noop("The JSON is nested deeper than %(limit)s levels.")


def read(body: bytes) -> dict[str, Any]:
    """The object in ``body``; numbers with a point as Decimal.

    Raises BodyUnreadable, BodyNotObject, KeyTwice, KeyOdd, TooDeep.
    """
    _check_depth(body)
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise BodyUnreadable() from error
    if not isinstance(value, dict):
        raise BodyNotObject()
    return value


def _check_depth(body: bytes) -> None:
    """The parser recurses: what it would choke on is refused before."""
    depth = 0
    for number, bracket in enumerate(_BRACKET.finditer(_STRING.sub(b"", body))):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST or number > MOST_BRACKETS:
            raise TooDeep(limit=DEEPEST)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise KeyTwice()
    if not all(_KEY.fullmatch(key) for key in found):
        raise KeyOdd()
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
