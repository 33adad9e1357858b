"""An XLSX package, judged before any reader opens it: its directory first, then the XML of the one sheet, in blocks.

Nothing here builds a tree or trusts what the package says of itself (``<dimension>``, row numbers): bytes are counted.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bureau.sheets import refusals
from bureau.sheets.limits import MEGABYTE, SMALL_MEMBER, Limits
from bureau.sniffing import DTD, kind_of

_BLOCK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_EMBEDDED = ("xl/embeddings/", "xl/activex/", "xl/ctrlprops/", "xl/oleobjects/")
_ELSEWHERE = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "xl/datamodel/", "xl/model/")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([^"']+)""", re.IGNORECASE)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_DATE_1904 = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*["'](?:1|true|on)["']""")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ROWS = re.compile(rb"""<row\b(?:[^>]*?\br="([0-9]+)")?""")
_ROWS_ANY = re.compile(rb"""<(?:\w+:)?row\b(?:[^>]*?\br\s*=\s*["']([0-9]+)["'])?""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\b[^>]*\bhidden\s*=\s*["'](?:1|true)["']""")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s+ref\s*=\s*["']([A-Z0-9:]+)["']""")
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'][^>]*>\s*<(?:\w+:)?f[\s/>]"""
)
_MISTAKE = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\bt\s*=\s*["']e["'])[^>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']"""
)
_UNQUOTED = re.compile(rb'=(?!")')
_DIMENSION = re.compile(
    rb"""<(?:\w+:)?dimension\b[^>]*\bref\s*=\s*["'](?:[A-Z]+[0-9]+:)?[A-Z]+([0-9]+)["']"""
)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet as the workbook names it."""

    name: str
    part: str
    hidden: bool


@dataclass(slots=True)
class Seen:
    """What the XML of a sheet says, found without reading its values."""

    rows: int = 0
    last_row: int = 0
    said_rows: int | None = None
    hidden_rows: int = 0
    formulas: dict[int, list[str]] = field(default_factory=dict)
    mistakes: dict[int, list[str]] = field(default_factory=dict)


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Package:
    """The checked package at ``path``: its sheets, and a scan of one of them. Raises SheetRefused subclasses."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._check_kind(path)
        try:
            self._zip = zipfile.ZipFile(path)
        # zipfile raises NotImplementedError for a compression or version it does not know.
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise refusals.SheetDamaged(part="ZIP") from error
        try:
            self._check_directory()
            self._check_parts()
            self.sheets = self._read_sheets()
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        """Let the file go."""
        self._zip.close()

    def _check_kind(self, path: Path) -> None:
        size = path.stat().st_size
        if size > self._limits.file_bytes:
            raise refusals.SheetTooLarge(limit=self._limits.file_bytes // MEGABYTE)
        with path.open("rb") as stream:
            head = stream.read(8192)
            if head.startswith(_OLE):
                # A protected workbook is a container of the old kind around the new one; its directory names it.
                found = _ENCRYPTED in head + stream.read()
                raise refusals.SheetEncrypted() if found else refusals.SheetOldFormat()
        kind = kind_of(head)
        if not head:
            raise refusals.SheetEmpty()
        if kind != "ZIP":
            raise refusals.SheetFormat(found=kind or "text")

    def _check_directory(self) -> None:
        """Sizes as the directory gives them; reading holds each part to its word (a part that is longer fails its check sum)."""
        total, names = 0, set()
        for info in self._zip.infolist():
            name = info.filename.lower()
            if info.flag_bits & 1:
                raise refusals.SheetEncrypted()
            if name in names or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise refusals.SheetDamaged(part=info.filename[:60])
            names.add(name)
            total += info.file_size
            if total > self._limits.unpacked:
                unpacked = sum(one.file_size for one in self._zip.infolist())
                raise refusals.SheetBomb(size=unpacked // MEGABYTE, limit=self._limits.unpacked // MEGABYTE)
        for info in self._zip.infolist():
            ratio = info.file_size // max(info.compress_size, 1)
            if info.file_size > SMALL_MEMBER and ratio > 100:
                raise refusals.SheetRatio(part=info.filename[:60], ratio=ratio, limit=100)
        if "xl/workbook.xml" not in names:
            raise refusals.SheetFormat(found="XLSB" if "xl/workbook.bin" in names else "ZIP")

    def _check_parts(self) -> None:
        for info in self._zip.infolist():
            name = info.filename.lower()
            if name.startswith(("xl/vbaproject", "xl/macrosheets/")):
                raise refusals.SheetMacros(part=info.filename[:60])
            if name.startswith(_ELSEWHERE):
                raise refusals.SheetLinks(part=info.filename[:60])
            if name.startswith(_EMBEDDED):
                raise refusals.SheetEmbedded(part=info.filename[:60])
        types = b"".join(self._blocks("[Content_Types].xml")) if self._has("[Content_Types].xml") else b""
        if b"macroEnabled" in types:
            raise refusals.SheetMacros(part="[Content_Types].xml")
        for info in self._zip.infolist():
            if (
                info.filename.lower().endswith((".xml", ".rels"))
                and "worksheets/sheet" not in info.filename.lower()
            ):
                self._check_xml(info.filename)

    def _has(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def _check_xml(self, name: str) -> None:
        for at, block in enumerate(self._blocks(name)):
            self._refuse_entities(name, block, first=at == 0)

    def _refuse_entities(self, name: str, block: bytes, *, first: bool) -> None:
        if b"!" in block and DTD.search(block):
            raise refusals.SheetEntity(part=name[:60])
        if first:
            found = _ENCODING.search(block[:200])
            odd = found is not None and found[1].lower() not in (b"utf-8", b"utf8", b"us-ascii")
            if odd or block.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in block[:200]:
                raise refusals.SheetDamaged(part=name[:60])

    def _blocks(self, name: str) -> Iterator[bytes]:
        """A part in blocks that overlap by nothing; raises SheetDamaged when it is not what the directory promised."""
        try:
            with self._zip.open(name) as part:
                yield from _read(part)
        # zipfile raises NotImplementedError for a compression or encryption it does not know.
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, NotImplementedError) as error:
            raise refusals.SheetDamaged(part=name[:60]) from error

    def _read_sheets(self) -> list[SheetEntry]:
        workbook = b"".join(self._blocks("xl/workbook.xml"))
        if _DATE_1904.search(workbook):
            raise refusals.Sheet1904()
        targets = {}
        if self._has("xl/_rels/workbook.xml.rels"):
            for found in _RELATION.finditer(b"".join(self._blocks("xl/_rels/workbook.xml.rels"))):
                values = _attributes(found[1])
                targets[values.get("Id", "")] = _inside(values.get("Target", ""))
        sheets = []
        for found in _SHEET.finditer(workbook):
            values = _attributes(found[1])
            key = next((value for name, value in values.items() if name.endswith(":id")), "")
            part = targets.get(key, "")
            if self._has(part) and "worksheets/" in part:
                sheets.append(
                    SheetEntry(values.get("name", ""), part, values.get("state", "visible") != "visible")
                )
        if not sheets:
            raise refusals.SheetDamaged(part="xl/workbook.xml")
        return sheets

    def scan(self, sheet: SheetEntry) -> Seen:
        """Count and judge the rows of ``sheet`` without reading values.

        Raises SheetRows, SheetColumns, SheetMerged, SheetEntity, SheetDamaged.
        """
        seen, rest = Seen(), b""
        fast, slow = (
            _beyond(self._limits, rb'r="', b'"'),
            _beyond(self._limits, rb"\br\s*=\s*[\"']", b"[\"']"),
        )
        for number, block in enumerate(self._blocks(sheet.part)):
            self._refuse_entities(sheet.part, block, first=number == 0)
            if number == 0 and (said := _DIMENSION.search(block)):
                seen.said_rows = int(said[1])
            data = rest + block
            cut = data.rfind(b"</row>") + 6 if b"</row>" in data else max(data.rfind(b"<"), 0)
            rest = data[cut:]
            if len(rest) > 8 * MEGABYTE:
                raise refusals.SheetColumns(line=seen.rows + 1, column="…", limit=self._limits.columns)
            self._scan_block(data[:cut], seen, fast, slow)
        self._scan_block(rest, seen, fast, slow)
        return seen

    def _scan_block(self, data: bytes, seen: Seen, fast: re.Pattern[bytes], slow: re.Pattern[bytes]) -> None:
        prefixed = b":" in data
        usual = _is_usual(data, prefixed)
        if found := (fast if usual else slow).search(data):
            if found[1] is None:
                raise refusals.SheetRows(limit=self._limits.rows)
            raise refusals.SheetColumns(
                line=int(found[2]), column=found[1].decode(), limit=self._limits.columns
            )
        if b"mergeCell" in data and (found := _MERGED.search(data)):
            raise refusals.SheetMerged(where=found[1].decode())
        for piece in data.split(b"</row>"):
            # A cell has at least one bracket: fewer than that cannot be too many cells, whatever they are called.
            if (
                piece.count(b"<") > self._limits.columns * 2
                and len(_CELL.findall(piece)) > self._limits.columns
            ):
                raise refusals.SheetColumns(
                    line=seen.last_row + 1,
                    column=column_letters(self._limits.columns + 1),
                    limit=self._limits.columns,
                )
        self._count_rows((_ROWS if usual else _ROWS_ANY).findall(data), seen)
        if b"hidden" in data:
            seen.hidden_rows += len(_HIDDEN.findall(data))
        if b"<f" in data or (prefixed and b":f" in data):
            _places(_FORMULA, data, seen.formulas)
        if b't="e"' in data or (not usual and b"e" in data):
            _places(_MISTAKE, data, seen.mistakes)

    def _count_rows(self, numbers: list[bytes], seen: Seen) -> None:
        if not numbers:
            return
        seen.rows += len(numbers)
        seen.last_row = max(
            seen.last_row, max((int(number) for number in numbers if number), default=seen.rows)
        )
        if max(seen.rows, seen.last_row) > self._limits.rows + 1:
            raise refusals.SheetRows(limit=self._limits.rows)


def _is_usual(data: bytes, prefixed: bool) -> bool:
    """Whether elements have no prefixes and attributes are written as every office program writes them (``name="value"``);
    only then the quick patterns see everything.
    """
    if prefixed and (b":row" in data or b":c" in data):
        return False
    blanks = b" =" in data or (b"\n" in data and b"\n=" in data) or (b"\t" in data and b"\t=" in data)
    return not blanks and _UNQUOTED.search(data) is None


def _read(part: IO[bytes]) -> Iterator[bytes]:
    while block := part.read(_BLOCK):
        yield block


def _attributes(text: bytes) -> dict[str, str]:
    return {
        found[1].decode("ascii", "replace"): _plain((found[2] or found[3] or b"").decode("utf-8", "replace"))
        for found in _ATTRIBUTE.finditer(text)
    }


def _plain(text: str) -> str:
    for mark, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(mark, char)
    return text


def _inside(target: str) -> str:
    """A relation's target as a part of the package."""
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _places(pattern: re.Pattern[bytes], data: bytes, into: dict[int, list[str]]) -> None:
    for found in pattern.finditer(data):
        into.setdefault(int(found[2]), []).append(found[1].decode())


def _beyond(limits: Limits, before: bytes, after: bytes) -> re.Pattern[bytes]:
    """A pattern of cell references that no list of these limits has: a column too far right (groups 1 and 2: its letters
    and row), or a row much further down than the limit (it has more digits, or a greater first one).
    """
    first, second = divmod(limits.columns - 1, 26)
    far = [b"[A-Z]{3}", f"[{chr(65 + first)}-Z][A-Z]".encode()]
    if second < 25:
        far.append(f"{chr(64 + first)}[{chr(66 + second)}-Z]".encode())
    last = str(limits.rows + 1)
    deep = [f"[0-9]{{{len(last) + 1},}}".encode()]
    if last[0] < "9":
        deep.append(f"[{int(last[0]) + 1}-9][0-9]{{{len(last) - 1}}}".encode())
    return re.compile(
        before + b"(?:(" + b"|".join(far) + b")([0-9]+)|[A-Z]{1,2}(?:" + b"|".join(deep) + b"))" + after
    )
