"""What a file is by its first bytes, before anything believes its name."""

from __future__ import annotations

from bureau.errors import gettext_noop
from bureau.sniffing import DTD, kind_of, looks_like
from payments.files.refusals import EmptyFile, WrongEncoding, WrongFormat, XmlDtd

UNKNOWN_ENCODING = gettext_noop("another encoding")
BINARY = gettext_noop("binary data")
__all__ = ["BINARY", "UNKNOWN_ENCODING", "looks_like", "sniff"]
_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"\x84\x31\x95\x33", gettext_noop("GB18030 with a byte order mark")),
)


def sniff(head: bytes) -> None:
    """Refuse what is no delimited text file, judged by its beginning (some kilobytes are enough).

    Raises EmptyFile, WrongEncoding (byte order mark, UTF-16, NUL bytes), XmlDtd or WrongFormat.
    """
    if not head:
        raise EmptyFile()
    for mark, name in _BOMS:
        if head.startswith(mark):
            raise WrongEncoding(line=1, byte=1, looks_like=name)
    kind = kind_of(head)
    if kind == "XML" and DTD.search(head):
        raise XmlDtd()
    if kind:
        raise WrongFormat(found=kind)
    at = head.find(b"\0")
    if at >= 0:
        line = head.count(b"\n", 0, at) + 1
        hint = looks_like(head) or BINARY
        byte = at - head.rfind(b"\n", 0, at)
        raise WrongEncoding(line=line, byte=byte, looks_like=hint)
