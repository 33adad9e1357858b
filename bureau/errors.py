"""Errors with stable codes, raised beside the rule they belong to and translated only at a door.

A rule raises a subclass of BureauError with parameters; a door (admin, API, task, command) shows
`render(error, gettext)`. Nothing below a door translates, so the same error reads the same in a log,
in a report stored in the database and in a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_PLACEHOLDER = re.compile(r"%\((\w+)\)")


def gettext_noop(message: str) -> str:
    """Mark an English text for translation and return it unchanged (makemessages looks for this name)."""
    return message


class BureauError(Exception):
    """A refusal with a name.

    `code` is stable and part of the interface (API answers, reports, tests); `message` is an English
    template with %(name)s placeholders, which is also the msgid of its translation. Every placeholder
    needs a parameter of that name, further parameters are welcome. Two errors of one class with equal
    parameters are equal, and an error survives pickling.
    """

    code: str = "error"
    message: str = gettext_noop("The request cannot be carried out.")

    def __init__(self, /, **params: Any) -> None:
        missing = sorted(set(_PLACEHOLDER.findall(self.message)) - params.keys())
        if missing:
            raise TypeError(f"{type(self).__name__} needs the parameters: {', '.join(missing)}")
        super().__init__()
        self.params: dict[str, Any] = params

    def __str__(self) -> str:
        return render(self)

    def __repr__(self) -> str:
        shown = "".join(f", {name}={value!r}" for name, value in self.params.items())
        return f"{type(self).__name__}({self.code!r}{shown})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BureauError):
            return NotImplemented
        return type(self) is type(other) and self.params == other.params

    def __hash__(self) -> int:
        # Parameters may be unhashable (lists of rows): equal errors share a code, which is enough.
        return hash((type(self), self.code))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.params)


def _rebuild(cls: type[BureauError], params: dict[str, Any]) -> BureauError:
    error = cls.__new__(cls)
    BureauError.__init__(error, **params)
    return error


def render(error: BureauError, translate: Callable[[str], str] = gettext_noop) -> str:
    """The error as one sentence; `translate` is a door's gettext (default: English).

    A translation with a broken placeholder falls back to English: a clerk must never see a stack
    trace because of a slip in a catalogue. Lazy translations among the parameters are rendered too.
    """
    template = translate(error.message)
    if not error.params:
        return template
    try:
        return template % error.params
    except (KeyError, TypeError, ValueError):
        return error.message % error.params
