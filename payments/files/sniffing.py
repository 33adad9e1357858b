"""What a file is by its first bytes, before anything believes its name."""

from __future__ import annotations

import re

from bureau.errors import gettext_noop
from payments.files.refusals import EmptyFile, WrongEncoding, WrongFormat, XmlDtd

UNKNOWN_ENCODING = gettext_noop("another encoding")
BINARY = gettext_noop("binary data")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"PK\x07\x08", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xd0\xcf\x11\xe0", "Office"),
    (b"{\\rtf", "RTF"),
)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x84\x31\x95\x33", gettext_noop("GB18030 with a byte order mark")),
)
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)\b")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|script|div|p|table|meta)\b", re.IGNORECASE)
_EAST_ASIAN = 0x2E80


def looks_like(data: bytes) -> str:
    """The encoding that bytes seem to be in: "UTF-8", "UTF-16" or "" (not known, perhaps right).

    UTF-8 needs a character from the East Asian part of Unicode: GB18030 text is hardly ever valid UTF-8 as a
    whole, and where two-byte characters happen to be, they come out as Latin, Greek or Cyrillic letters.
    """
    nul = data.count(b"\0")
    if nul:
        # ASCII in UTF-16: NUL is every second byte, always at even or always at odd places.
        even = data[::2].count(b"\0")
        return "UTF-16" if nul * 4 >= len(data) and min(even, nul - even) * 20 <= nul else ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "UTF-8" if text and ord(max(text)) >= _EAST_ASIAN else ""


def sniff(head: bytes) -> None:
    """Refuse what is no delimited text file, judged by its beginning (some kilobytes are enough).

    Raises EmptyFile, WrongEncoding (byte order mark, UTF-16, NUL bytes), XmlDtd or WrongFormat.
    """
    if not head:
        raise EmptyFile()
    for mark, name in _BOMS:
        if head.startswith(mark):
            raise WrongEncoding(line=1, byte=1, looks_like=name)
    for mark, name in _MAGIC:
        if head.startswith(mark):
            raise WrongFormat(found=name)
    markup = head.lstrip()
    if markup.startswith(b"<"):
        if _HTML.match(markup):
            raise WrongFormat(found="HTML")
        if _DTD.search(markup):
            raise XmlDtd()
        raise WrongFormat(found="XML" if re.match(rb"<\?xml|<[A-Za-z_]", markup) else "HTML")
    at = head.find(b"\0")
    if at >= 0:
        line = head.count(b"\n", 0, at) + 1
        hint = looks_like(head) or BINARY
        byte = at - head.rfind(b"\n", 0, at)
        raise WrongEncoding(line=line, byte=byte, looks_like=hint)
