"""Files for the SMS gateway and its answers, in the style of the bank's layout: GB18030, fields by ``|``, CRLF.

Out: ``SMS|<file>|<messages>|<SHA-256 of the lines>``, then ``<message>|<telephone>|<text>`` a line.
Back: ``SMSACK|<file>|<lines>``, then ``<message>|1|`` (delivered) or ``<message>|0|<reason>`` a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bureau.errors import BureauError, gettext_noop

ENCODING = "gb18030"
END = "\r\n"
MOST_BYTES = 20 * 2**20
REASON = 40
LARGEST = 2**63 - 1


class AnswerUnreadable(BureauError):
    """Not an answer of the gateway, or a damaged one: nothing is taken from it."""

    code = "SMS_ANSWER_UNREADABLE"
    message = gettext_noop("Line %(line)s of the answer cannot be read.")


class AnswerIncomplete(BureauError):
    """Fewer or more lines than announced."""

    code = "SMS_ANSWER_INCOMPLETE"
    message = gettext_noop("The answer announces %(said)s lines and has %(read)s.")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What became of a message."""

    message_id: int
    delivered: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the gateway to the file ``name``."""

    name: str
    lines: list[AnswerLine]


def header(name: str, messages: int, digest: str) -> bytes:
    """The first line of a file."""
    return f"SMS|{name}|{messages}|{digest}{END}".encode(ENCODING)


def body(rows: Iterable[tuple[int, str, str]]) -> bytes:
    """The lines of a file: number, telephone, text; separators and line ends inside a text become blanks."""
    return "".join(f"{number}|{_plain(phone)}|{_plain(text)}{END}" for number, phone, text in rows).encode(
        ENCODING
    )


def _plain(text: str) -> str:
    return " ".join(text.replace("|", " ").split())


def read_answer(content: bytes) -> Answer:
    """The gateway's answer. Raises AnswerUnreadable, AnswerIncomplete."""
    try:
        text = content.decode(ENCODING)
    except UnicodeDecodeError:
        raise AnswerUnreadable(line=1) from None
    first, *lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    parts = first.split("|")
    if len(parts) != 3 or parts[0] != "SMSACK" or not _whole(parts[2]):
        raise AnswerUnreadable(line=1)
    if int(parts[2]) != len(lines):
        raise AnswerIncomplete(said=parts[2], read=len(lines))
    return Answer(parts[1][:40], [_line(line, nth) for nth, line in enumerate(lines, start=2)])


def _line(line: str, nth: int) -> AnswerLine:
    parts = line.split("|")
    known = len(parts) == 3 and _whole(parts[0]) and parts[1] in ("0", "1")
    if not known or int(parts[0]) > LARGEST:
        raise AnswerUnreadable(line=nth)
    return AnswerLine(int(parts[0]), parts[1] == "1", parts[2].strip()[:REASON])


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19
