"""What makes a whole file be refused or held, each under a stable code (design: bank-files 8.1).

REJECTED means that nothing was read into the books; the error classes below are those which the bytes
alone decide. HELD means that every line is staged and shown and a second person decides.
"""

from __future__ import annotations

from bureau.errors import BureauError, gettext_noop

REJECTED_CODES = (
    "ALREADY_RECEIVED",
    "TOO_LARGE",
    "EMPTY_FILE",
    "XML_DTD",
    "WRONG_FORMAT",
    "WRONG_ENCODING",
    "LINE_TOO_LONG",
    "HEADER_UNREADABLE",
    "DIGEST_DIFFERS",
    "UNKNOWN_BANK",
    "UNKNOWN_REGION",
    "UNKNOWN_BATCH",
    "UNKNOWN_CHANNEL",
    "WRONG_CHANNEL",
    "WRONG_DAY",
    "UNKNOWN_PUSH",
)
"""Every code of a REJECTED file. Those that need the books (bank, batch, earlier files) are raised there."""

HELD_CODES = (
    "COUNT_DIFFERS",
    "LINE_UNREADABLE",
    "AMOUNT_UNREADABLE",
    "AMOUNT_OVER_LIMIT",
    "TOTAL_DIFFERS",
    "TOO_MANY_REJECTED",
    "SAME_CONTENT",
    "DAY_CLOSED",
)
"""Every code of a HELD file, in the order in which the first one that is true names the reason.

TOTAL_DIFFERS stands behind the three unreadable ones: a total can only differ where it can be computed.
"""

HELD_REJECTED_LINES = 20
"""A file is held when more than this many lines and more than HELD_REJECTED_PERCENT of all are REJECTED."""

HELD_REJECTED_PERCENT = 1


def too_many_rejected(rejected: int, lines: int) -> bool:
    """True when REJECTED lines are above both 20 and 1 % of the file (design: bank-files 8.1, HELD)."""
    return rejected > HELD_REJECTED_LINES and rejected * 100 > lines * HELD_REJECTED_PERCENT


class FileRefused(BureauError):
    """Base of everything that makes a file REJECTED before a line of it is believed."""

    code = "FILE_REFUSED"
    message = gettext_noop("The file is refused.")


class EmptyFile(FileRefused):
    """0 bytes."""

    code = "EMPTY_FILE"
    message = gettext_noop("The file is empty.")


class WrongFormat(FileRefused):
    """Another kind of file under this name; `found` says which: HTML, PDF, ZIP, XML, ..."""

    code = "WRONG_FORMAT"
    message = gettext_noop("This looks like a %(found)s file, not like a bank file.")


class XmlDtd(FileRefused):
    """XML with a document type or entity declaration: never parsed at all."""

    code = "XML_DTD"
    message = gettext_noop("XML with a DTD is not accepted.")


class WrongEncoding(FileRefused):
    """Not GB18030. `line` counts the header as 1, `byte` counts from 1 within the line."""

    code = "WRONG_ENCODING"
    message = gettext_noop("Line %(line)s, byte %(byte)s is not GB18030; the file looks like %(looks_like)s.")


class HeaderUnreadable(FileRefused):
    """The first line is not the header of this layout; `field` is the first one that cannot be read."""

    code = "HEADER_UNREADABLE"
    message = gettext_noop("The header line is missing or cannot be read: field %(field)s.")


class DigestDiffers(FileRefused):
    """A digest file came along and names another digest or another file."""

    code = "DIGEST_DIFFERS"
    message = gettext_noop(
        "The digest file does not belong to this content: it says %(expected)s, found %(found)s."
    )


class LineTooLong(FileRefused):
    """A line beyond the limit; the rest of the file is not read."""

    code = "LINE_TOO_LONG"
    message = gettext_noop("Line %(line)s is longer than %(limit)s bytes.")


class TooLarge(FileRefused):
    """More bytes or more lines than the limits allow; `what` says which: bytes or lines."""

    code = "TOO_LARGE"
    message = gettext_noop("The file has more than %(limit)s %(what)s.")
