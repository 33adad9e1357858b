"""What bytes are by their beginning, before anything believes a file's name; and which encoding text seems to be in."""

from __future__ import annotations

import re

MAGIC: tuple[tuple[bytes, str], ...] = (
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
"""How files of these kinds begin."""

HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|script|div|p|table|meta)\b", re.IGNORECASE)
DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)\b")
_XML = re.compile(rb"<\?xml|<[A-Za-z_]")
_EAST_ASIAN = 0x2E80


def kind_of(head: bytes) -> str:
    """The kind of file that begins with ``head`` (PDF, ZIP, HTML, XML, ...); "" for what may be text."""
    for mark, name in MAGIC:
        if head.startswith(mark):
            return name
    markup = head.lstrip()
    if not markup.startswith(b"<"):
        return ""
    if HTML.match(markup):
        return "HTML"
    return "XML" if _XML.match(markup) or DTD.search(markup) else "HTML"


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
