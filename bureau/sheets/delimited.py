"""CSV, read strictly: UTF-8 (a byte-order mark may stand in front) or GB18030, commas, closed quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bureau.errors import gettext_noop
from bureau.sheets import refusals
from bureau.sheets.limits import MEGABYTE, Limits
from bureau.sniffing import kind_of, looks_like

_BOM = b"\xef\xbb\xbf"
_SEPARATORS = {";": gettext_noop("semicolons"), "\t": gettext_noop("tabs"), "|": gettext_noop("bars")}
UNKNOWN = gettext_noop("another encoding")


def read_text(path: Path, limits: Limits) -> tuple[str, str]:
    """The text of the file at ``path`` and its encoding, "UTF-8" or "GB18030".

    Raises SheetTooLarge, SheetEmpty, SheetFormat, CsvEncoding.
    """
    if path.stat().st_size > limits.file_bytes:
        raise refusals.SheetTooLarge(limit=limits.file_bytes // MEGABYTE)
    data = path.read_bytes()
    if not data.strip(b"\r\n \t\x1a" + _BOM):
        raise refusals.SheetEmpty()
    if kind := kind_of(data[:8192]):
        raise refusals.SheetFormat(found=kind)
    plain = data.removeprefix(_BOM)
    if plain.endswith(b"\x1a"):
        plain = plain[:-1]
    at = plain.find(b"\0")
    if at >= 0 or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _wrong(plain, max(at, 0), looks_like(data[:4096]) or "UTF-16")
    try:
        return plain.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as first:
        try:
            if data is not plain and data.startswith(_BOM):
                raise _wrong(plain, first.start, UNKNOWN)
            return plain.decode("gb18030"), "GB18030"
        except UnicodeDecodeError as second:
            raise _wrong(plain, max(first.start, second.start), UNKNOWN) from None


def _wrong(data: bytes, at: int, hint: str) -> refusals.CsvEncoding:
    line = data.count(b"\n", 0, at) + 1
    return refusals.CsvEncoding(line=line, byte=at - data.rfind(b"\n", 0, at), looks_like=hint)


def rows(text: str, limits: Limits) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the number of its first line. Lines end with LF or CRLF, nothing else (U+2028 is a character).

    Raises CsvQuote, SheetColumns.
    """
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    number = 0
    while number < len(lines):
        line, first = lines[number], number + 1
        number += 1
        line = line[:-1] if line.endswith("\r") else line
        if '"' not in line:
            cells = line.split(",")
        else:
            while (found := _cells(line)) is None:
                if number >= len(lines):
                    raise refusals.CsvQuote(line=first)
                more = lines[number]
                line += "\n" + (more[:-1] if more.endswith("\r") else more)
                number += 1
                if len(line) > limits.cell * limits.columns:
                    raise refusals.CsvQuote(line=first)
            cells = found
        if len(cells) > limits.columns:
            raise refusals.SheetColumns(line=first, column=str(len(cells)), limit=limits.columns)
        yield first, [] if cells == [""] else cells


def _cells(line: str) -> list[str] | None:
    """The cells of a row with quotes; None while a quote is open."""
    cells, at, size = [], 0, len(line)
    while True:
        if at < size and line[at] == '"':
            value, at = [], at + 1
            while True:
                end = line.find('"', at)
                if end < 0:
                    return None
                value.append(line[at:end])
                at = end + 1
                if at < size and line[at] == '"':
                    value.append('"')
                    at += 1
                    continue
                break
            stop = line.find(",", at)
            stop = size if stop < 0 else stop
            cells.append("".join(value) + line[at:stop])
        else:
            stop = line.find(",", at)
            stop = size if stop < 0 else stop
            cells.append(line[at:stop])
        if stop >= size:
            return cells
        at = stop + 1


def check_separator(header: Sequence[str], names: Sequence[str]) -> None:
    """Raise CsvDelimiter when row 1 holds our column names, but separated by something else."""
    if len(header) != 1:
        return
    for mark, called in _SEPARATORS.items():
        if mark in header[0] and any(name in header[0].split(mark) for name in names):
            raise refusals.CsvDelimiter(found=called)
