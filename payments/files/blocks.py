"""Millions of lines of a delimited bank file as blocks that PostgreSQL's COPY takes as they are.

Nothing here works on single lines as long as lines are clean. Bytes of GB18030 are only ever searched for
line ends: 0x7C (`|`) and 0x5C (`\\`) are second bytes of common characters, 0x0A and 0x0D never are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from bureau.errors import gettext_noop
from payments.files.characters import DELIMITER, ENCODING, CleanBlocks, is_clean
from payments.files.layouts import RESULT, Layout
from payments.files.limits import Limits
from payments.files.refusals import HeaderUnreadable, LineTooLong, TooLarge, WrongEncoding
from payments.files.results import ResultHeader, read_header
from payments.files.sniffing import BINARY, UNKNOWN_ENCODING, looks_like, sniff

BLOCK_BYTES = 1 << 19
_CRLF = b"\r\n"
_LF = b"\n"
_BAR = DELIMITER.encode()
_NULL = b"\\N"
_EOF_MARK = b"\x1a"


class BlockReader:
    """Reads a file of a layout once: checks, decodes, hashes, and yields COPY blocks.

    For a result file the rows are for `COPY staging (seq, account, holder, due, paid, code, note, serial, debited_on, ref,
    tail) FROM STDIN (FORMAT text, DELIMITER '|', NULL '\\N')`, in UTF-8, one row for each line of the file
    after the header and in its order, so that the n-th row is the n-th line. All rows end with the line end
    of the header (COPY takes both kinds, but not a mixture).

    * A clean line is passed as it is, backslashes escaped; the delimiter at its end leaves an empty `tail`.
    * A line with the wrong number of fields becomes a row with the raw text in the second column and nothing else.
    * A line with the right number of fields, but with a control or format character, keeps those of the layout's
      `kept` columns that are clean themselves, so that totals can still be proved; the first column is NULL, the
      second one holds the raw text, `tail` is empty.

    So `seq IS NULL` marks every line that cannot be read, and `due IS NULL` those without a readable amount.

    Raises, while it reads, a FileRefused: EmptyFile, WrongFormat, XmlDtd, WrongEncoding, HeaderUnreadable,
    LineTooLong, TooLarge. Only LF ends a line (one CR before it belongs to it). Empty lines at the end of
    the file and 0x1A as its last byte are passed over; a last line without line end counts as a line.

    After the last block `lines`, `faulty_lines`, `size`, `sha256`, `content_sha256` and `sm3` are final.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        limits: Limits | None = None,
        layout: Layout = RESULT,
        block_bytes: int = BLOCK_BYTES,
        with_sm3: bool = False,
    ) -> None:
        self.lines = 0
        self.faulty_lines = 0
        self.size = 0
        self._stream = stream
        self._limits = limits or Limits()
        self._fields = len(layout.columns)
        self._record = layout.record.encode() + b"|"
        self._kept = frozenset(place for place, name in enumerate(layout.columns) if name in layout.kept)
        self._block_bytes = block_bytes
        self._digest = hashlib.sha256()
        self._content: hashlib._Hash | None = None
        self._sm3 = hashlib.new("sm3") if with_sm3 else None
        self._rest = b""
        self._first: bytes | None = None
        self._eol = _CRLF
        self._clean = CleanBlocks(self._fields, _CRLF)
        self._blank = 0
        self._ascii_so_far = True

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes read so far."""
        return self._digest.hexdigest()

    @property
    def content_sha256(self) -> str:
        """SHA-256 of the content as the layout writes it: CRLF everywhere, no empty line or mark at the end.

        Equal for two files that differ in nothing else, and to `sha256` for a file that keeps to the layout.
        """
        return (self._content or self._digest).hexdigest()

    @property
    def sm3(self) -> str:
        """SM3 of the bytes read so far, for the digest file; empty unless asked for."""
        return self._sm3.hexdigest() if self._sm3 else ""

    def first_line(self) -> bytes:
        """The header line without its line end; reads and checks the beginning of the file once."""
        if self._first is None:
            data = more = self._read()
            while more and _LF not in data and len(data) <= self._limits.max_line_bytes + 1:
                more = self._read()
                data += more
            sniff(data)
            line, end, self._rest = data.partition(_LF)
            if not end:
                self._rest = b""
                if data.endswith(_EOF_MARK):
                    line = data[:-1]
            if len(line) > self._limits.max_line_bytes + 1:
                if line.startswith(self._record):
                    raise LineTooLong(line=1, limit=self._limits.max_line_bytes)
                raise HeaderUnreadable(field="record")
            self._first = line[:-1] if line.endswith(b"\r") else line
            if end and not line.endswith(b"\r"):
                self._eol = _LF
                self._clean = CleanBlocks(self._fields, _LF)
            self._hash(data[: len(line) + len(end)] if end else data, self._first + _CRLF)
        return self._first

    def header(self) -> ResultHeader:
        """The header, read strictly. Raises HeaderUnreadable and what `first_line` raises."""
        return read_header(self.first_line())

    def blocks(self) -> Iterator[bytes]:
        """Blocks of whole rows for COPY, in the order of the file."""
        self.first_line()
        data, self._rest = self._rest, b""
        while True:
            cut = data.rfind(_LF) + 1
            if cut:
                yield from self._whole(data[:cut])
            self._rest = data[cut:]
            if len(self._rest) > self._limits.max_line_bytes + 1:
                raise LineTooLong(line=self._next_line(), limit=self._limits.max_line_bytes)
            more = self._read()
            if not more:
                break
            data = self._rest + more
        yield from self._end()

    def _next_line(self) -> int:
        """The number of the line that comes next, the header counted as 1."""
        return 2 + self.lines + self._blank

    def _read(self) -> bytes:
        data = self._stream.read(self._block_bytes)
        self.size += len(data)
        if self.size > self._limits.max_file_bytes:
            raise TooLarge(what=gettext_noop("bytes"), limit=self._limits.max_file_bytes)
        return data

    def _hash(self, raw: bytes, canonical: bytes | None) -> None:
        """Hash what was read, and what it would be in the layout's own form (None: it is)."""
        if self._content is None and canonical is not None and canonical != raw:
            self._content = self._digest.copy()
        self._digest.update(raw)
        if self._sm3:
            self._sm3.update(raw)
        if self._content is not None:
            self._content.update(raw if canonical is None else canonical)

    def _count(self, lines: int) -> None:
        self.lines += lines
        if self.lines > self._limits.max_lines:
            raise TooLarge(what=gettext_noop("lines"), limit=self._limits.max_lines)

    def _whole(self, raw: bytes) -> Iterator[bytes]:
        """A block of whole lines: at once when all of them are clean, else line by line."""
        self._check_lengths(raw)
        utf8 = self._decode(raw)
        clean = self._clean.count(utf8)
        if clean is None or self._blank:
            yield from self._by_line(raw, utf8)
            return
        self._hash(raw, None if self._eol == _CRLF else raw.replace(_LF, _CRLF))
        self._count(clean)
        yield utf8.replace(b"\\", b"\\\\") if b"\\" in utf8 else utf8

    def _by_line(self, raw: bytes, utf8: bytes) -> Iterator[bytes]:
        self._refuse_nul(raw)
        body = raw.replace(_CRLF, _LF)
        kept = body.rstrip(_LF)
        if not kept:
            self._blank += len(body)
            self._hash(raw, b"")
            return
        blank_before, self._blank = self._blank, len(body) - len(kept) - 1
        self._hash(raw, _CRLF * blank_before + kept.replace(_LF, _CRLF) + _CRLF)
        lines = utf8.replace(_CRLF, _LF).rstrip(_LF).split(_LF)
        self._count(blank_before + len(lines))
        rows = [self._row(b"") for _ in range(blank_before)]
        rows += [self._row(line) for line in lines]
        rows.append(b"")
        yield self._eol.join(rows)

    def _end(self) -> Iterator[bytes]:
        """What follows the last line end: nothing, the end mark, or a last line without its end."""
        raw, self._rest = self._rest, b""
        line = raw[:-1] if raw.endswith(_EOF_MARK) else raw
        line = line[:-1] if line.endswith(b"\r") else line
        if not line:
            self._hash(raw, b"")
            return
        self._check_lengths(line)
        self._refuse_nul(line)
        utf8 = self._decode(line, may_be_cut=True)
        blank, self._blank = self._blank, 0
        self._hash(raw, _CRLF * blank + line + _CRLF)
        self._count(blank + 1)
        rows = [self._row(b"") for _ in range(blank)] + [self._row(utf8), b""]
        yield self._eol.join(rows)

    def _row(self, line: bytes) -> bytes:
        """One line in UTF-8, without its end, as a COPY row."""
        text = line.decode()
        parts = text.split(DELIMITER)
        right = len(parts) == self._fields + 1 and not parts[-1]
        if right and is_clean(text):
            return line.replace(b"\\", b"\\\\")
        self.faulty_lines += 1
        columns = [_NULL] * (self._fields + 1)
        if right:
            columns[-1] = b""
            for place in self._kept:
                if is_clean(parts[place]):
                    columns[place] = _escape(parts[place])
        columns[1] = _escape(text)
        return _BAR.join(columns)

    def _decode(self, raw: bytes, *, may_be_cut: bool = False) -> bytes:
        """The lines in UTF-8. A character that the end of the file cuts in two becomes U+FFFD."""
        try:
            text = raw.decode(ENCODING)
        except UnicodeDecodeError as error:
            incomplete = error.end == len(raw) and error.reason.startswith("incomplete")
            if may_be_cut and incomplete and 0x81 <= raw[error.start] <= 0xFE:
                return (raw[: error.start].decode(ENCODING) + "\ufffd").encode()
            raise self._wrong_encoding(raw, error.start) from None
        if self._ascii_so_far and not raw.isascii():
            # GB18030 reads most UTF-8 without complaint, as other characters; what is all UTF-8 is UTF-8.
            self._ascii_so_far = False
            if looks_like(raw) == "UTF-8":
                raise self._wrong_encoding(raw, next(at for at, byte in enumerate(raw) if byte > 0x7F))
        return text.encode()

    def _wrong_encoding(self, raw: bytes, at: int, hint: str = "") -> WrongEncoding:
        start = raw.rfind(_LF, 0, at) + 1
        end = raw.find(_LF, at)
        line = raw[start:] if end < 0 else raw[start:end]
        return WrongEncoding(
            line=self._next_line() + raw.count(_LF, 0, at),
            byte=at - start + 1,
            looks_like=hint or looks_like(line) or UNKNOWN_ENCODING,
        )

    def _refuse_nul(self, raw: bytes) -> None:
        at = raw.find(b"\0")
        if at >= 0:
            raise self._wrong_encoding(raw, at, BINARY)

    def _check_lengths(self, raw: bytes) -> None:
        """Refuse a line over the limit. A line end in every half limit proves that there is none."""
        limit = self._limits.max_line_bytes
        half = limit // 2
        if all(raw.find(_LF, at, at + half) >= 0 for at in range(0, len(raw) - half, half)):
            return
        for number, line in enumerate(raw.split(_LF)):
            if len(line) - line.endswith(b"\r") > limit:
                raise LineTooLong(line=self._next_line() + number, limit=limit)


def _escape(text: str) -> bytes:
    """A value for COPY's text format."""
    escaped = text.replace("\\", "\\\\").replace(DELIMITER, "\\" + DELIMITER).replace("\r", "\\r")
    return escaped.encode()
