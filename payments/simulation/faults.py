"""Everything that can be wrong with a whole file, by name; each fault knows the code it must lead to."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from bureau.errors import BureauError, gettext_noop
from payments.simulation.answers import same_answer
from payments.simulation.desk import CENT, Desk
from payments.simulation.draft import Draft
from payments.simulation.plan import BUCKET_OF, Plant, Planted


class UnknownFault(BureauError):
    """No fault of this name."""

    code = "UNKNOWN_FAULT"
    message = gettext_noop("There is no fault %(fault)s; --list-faults names them all.")


class FaultImpossible(BureauError):
    """The fault needs something that this file does not have, or does not go together with another one."""

    code = "FAULT_IMPOSSIBLE"
    message = gettext_noop("The fault %(fault)s is not possible here: %(why)s.")


NEEDS_LINES = gettext_noop("the file has no lines")


# --- instead of the usual mix ----------------------------------------------------------------------


def _all_ok(desk: Desk) -> list[Planted]:
    return same_answer(desk, Plant.OK)


def _all_declined(desk: Desk) -> list[Planted]:
    return same_answer(desk, Plant.DECLINED)


def _no_lines(_desk: Desk) -> list[Planted]:
    return []


def _many_rejected(desk: Desk) -> list[Planted]:
    """Lines nobody asked for, above both 20 and 1 %, in an otherwise good file."""
    lines = same_answer(desk, Plant.OK)
    if not lines:
        raise FaultImpossible(fault="many_rejected", why=NEEDS_LINES)
    extra = 21 + len(lines) // 50
    return lines + [
        desk.answer(Plant.UNKNOWN_REF_DECLINED, desk.rng.choice(desk.lines)) for _ in range(extra)
    ]


MIXES: dict[str, Callable[[Desk], list[Planted]]] = {
    "all_ok": _all_ok,
    "all_declined": _all_declined,
    "no_lines": _no_lines,
    "many_rejected": _many_rejected,
}


# --- on one line -----------------------------------------------------------------------------------


def _choose(draft: Draft, fault: str, *, ok: bool) -> Planted:
    """A line to be spoilt, an OK or another one as asked where there is one, that no other fault has."""
    whole = [
        one
        for one in draft.lines
        if one.own and one.spoil is None and one.plant in (Plant.OK, Plant.HOLDER_VARIANT, Plant.DECLINED)
    ]
    # A line whose reference or serial another line repeats stays whole: the other one would take its place.
    copied = {id(one.copy_of) for one in draft.lines if one.copy_of is not None}
    serials = {one.serial for one in draft.lines if one.plant is Plant.SERIAL_REUSED}
    whole = [one for one in whole if id(one) not in copied and (not one.serial or one.serial not in serials)]
    if not whole:
        raise FaultImpossible(fault=fault, why=NEEDS_LINES)
    return draft.desk.rng.choice([one for one in whole if one.ok is ok] or whole)


def _unreadable(one: Planted, spoil: Callable[[str], str]) -> None:
    one.plant, one.bucket, one.spoil = Plant.UNREADABLE, BUCKET_OF[Plant.UNREADABLE], spoil


def _with_field(place: int, value: str) -> Callable[[str], str]:
    def spoil(text: str) -> str:
        parts = text.split("|")
        parts[place] = value
        return "|".join(parts)

    return spoil


_DUE, _HOLDER, _NOTE, _DAY = 3, 2, 6, 8


def _bad_field_count(draft: Draft) -> None:
    one = _choose(draft, "bad_field_count", ok=False)
    _unreadable(one, draft.desk.rng.choice([lambda text: text[:-1], lambda text: text + "1|"]))
    one.own = one.due_read = one.paid_read = False


def _bad_amount(draft: Draft) -> None:
    one = _choose(draft, "bad_amount", ok=False)
    bad = ["12.345", "1,000.00", "1e5", "１２３", "1_000", " 12", "+5", "-400.00", "NaN", "\u0663", ""]
    _unreadable(one, _with_field(_DUE, draft.desk.rng.choice(bad)))
    one.due_read = False


def _huge_amount(draft: Draft) -> None:
    """An amount over numeric(12,2); the totals of the header contain it."""
    one = _choose(draft, "huge_amount", ok=False)
    _unreadable(one, lambda text: text)
    one.due = draft.desk.rng.choice([Decimal("10000000000.00"), Decimal("1000000000000000.00")])
    one.due_read = False


def _control_character(draft: Draft) -> None:
    """A right-to-left override, a zero width space or a bell in a name: only this line is REJECTED."""
    one = _choose(draft, "control_character", ok=True)
    _unreadable(one, _with_field(_HOLDER, one.holder + draft.desk.rng.choice("\u202e\u200b\x07")))


def _bad_date(draft: Draft) -> None:
    one = _choose(draft, "bad_date", ok=True)
    if not one.ok:
        raise FaultImpossible(fault="bad_date", why=gettext_noop("only the date of a debit is read"))
    _unreadable(one, _with_field(_DAY, f"{draft.header.day.year}0230"))


def _line_separator(draft: Draft) -> None:
    """U+2028 in the bank's text: no line end, and no control character either."""
    one = _choose(draft, "line_separator", ok=False)
    one.spoil = _with_field(_NOTE, f"{one.note}\u2028{one.note}")


def _long_line(draft: Draft) -> None:
    one = _choose(draft, "long_line", ok=False)
    one.spoil = _with_field(_NOTE, "长" * 35_000)


def _nul_byte(draft: Draft) -> None:
    one = _choose(draft, "nul_byte", ok=True)
    one.spoil = _with_field(_HOLDER, one.holder + "\0")


# --- on the header ---------------------------------------------------------------------------------


def _wrong_count(draft: Draft) -> None:
    draft.header = replace(draft.header, lines=draft.header.lines + 1)


def _wrong_ok_count(draft: Draft) -> None:
    draft.header = replace(draft.header, ok_lines=draft.header.ok_lines + 1)


def _wrong_total(draft: Draft) -> None:
    draft.header = replace(draft.header, amount=draft.header.amount + CENT)


def _wrong_ok_total(draft: Draft) -> None:
    draft.header = replace(draft.header, ok_amount=draft.header.ok_amount + CENT)


def _wrong_failed_total(draft: Draft) -> None:
    draft.header = replace(draft.header, failed_amount=draft.header.failed_amount + CENT)


def _unknown_batch(draft: Draft) -> None:
    draft.header = replace(draft.header, batch="9999" if draft.header.batch != "9999" else "9998")


def _unknown_bank(draft: Draft) -> None:
    draft.header = replace(draft.header, bank="999" if draft.header.bank != "999" else "998")


def _unknown_region(draft: Draft) -> None:
    draft.header = replace(draft.header, region="999999" if draft.header.region != "999999" else "999998")


def _header_missing(draft: Draft) -> None:
    if not draft.lines:
        raise FaultImpossible(fault="header_missing", why=NEEDS_LINES)
    draft.header_text = ""


def _header_damaged(draft: Draft) -> None:
    header = draft.header
    draft.header_text = (
        f"R|{header.version}|{header.region}|{header.bank}|{header.agency}|{header.day:%Y%m%d}|{header.batch}"
        "|many|0.00|0|0.00|0|0.00|20250115|"
    )


# --- on the bytes ----------------------------------------------------------------------------------


def _cut_file(draft: Draft) -> None:
    """An upload that broke off in the middle of a line."""
    if not draft.lines:
        raise FaultImpossible(fault="cut_file", why=NEEDS_LINES)
    kept = int(len(draft.lines) * draft.desk.rng.uniform(0.5, 0.95))
    dropped = len(draft.lines) - kept - 1
    last = replace(draft.lines[kept])
    _unreadable(last, lambda text: text)
    last.own = last.due_read = last.paid_read = False
    last.copy_of = None
    draft.lines[kept:] = [last]
    share = draft.desk.rng.uniform(0.1, 0.9)

    def cut(content: bytes) -> bytes:
        start = content.rstrip(b"\r\n").rfind(b"\n") + 1
        line = content[start:].rstrip(b"\r\n").rstrip(b"|")
        return content[: start + max(1, int(len(line) * share))]

    draft.edits.append(cut)
    if dropped:
        draft.reasons.add("COUNT_DIFFERS")


def _instead(content: bytes) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.edits.append(lambda _: content)

    return change


def _zip(draft: Draft) -> None:
    def pack(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(draft.name, (2025, 1, 1, 0, 0, 0)), content)
        return buffer.getvalue()

    draft.edits.append(pack)


def _gzip(draft: Draft) -> None:
    draft.edits.append(lambda content: gzip.compress(content, mtime=0))


def _bom(draft: Draft) -> None:
    draft.edits.append(lambda content: b"\xef\xbb\xbf" + content)


def _utf8(draft: Draft) -> None:
    if not draft.lines:
        raise FaultImpossible(fault="utf8", why=NEEDS_LINES)
    draft.encoding = "utf-8"


def _utf16(draft: Draft) -> None:
    draft.encoding = "utf-16"


def _lf(draft: Draft) -> None:
    draft.line_end = "\n"


def _mixed_line_ends(draft: Draft) -> None:
    def mix(content: bytes) -> bytes:
        lines = content.split(b"\r\n")
        return b"".join(line + (b"\n" if place % 3 else b"\r\n") for place, line in enumerate(lines[:-1]))

    draft.edits.append(mix)


def _no_last_line_end(draft: Draft) -> None:
    draft.edits.append(lambda content: content.removesuffix(b"\n").removesuffix(b"\r"))


def _end_mark(draft: Draft) -> None:
    draft.edits.append(lambda content: content + b"\x1a")


def _blank_last_line(draft: Draft) -> None:
    draft.edits.append(lambda content: content + b"\r\n")


def _wrong_digest(draft: Draft) -> None:
    digest = "".join(draft.desk.rng.choice("0123456789abcdef") for _ in range(64))
    draft.digest = f"{digest}  {draft.name}\n".encode()


_HTML = (
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>系统忙</body></html>\n".encode()
)
_PDF = (
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
)
_XML = b'<?xml version="1.0"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>\n'
_XML_DTD = b'<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<r>&b;</r>\n'


@dataclass(frozen=True, slots=True)
class Fault:
    """A change to the draft, and the code it leads to: "" where the file is applied all the same."""

    apply: Callable[[Draft], None]
    reason: str
    about: str


LINE_FAULTS: dict[str, Fault] = {
    "bad_field_count": Fault(_bad_field_count, "LINE_UNREADABLE", "a line with a field too few or too many"),
    "bad_amount": Fault(_bad_amount, "AMOUNT_UNREADABLE", "an amount that is no amount"),
    "huge_amount": Fault(_huge_amount, "AMOUNT_OVER_LIMIT", "an amount over 9,999,999,999.99"),
    "control_character": Fault(_control_character, "", "a control or format character in a name"),
    "bad_date": Fault(_bad_date, "", "a debit on 30 February"),
    "line_separator": Fault(_line_separator, "", "U+2028 in a text, which ends no line"),
    "long_line": Fault(_long_line, "LINE_TOO_LONG", "a line of 70,000 bytes"),
    "nul_byte": Fault(_nul_byte, "WRONG_ENCODING", "a NUL byte in a name"),
}
HEADER_FAULTS: dict[str, Fault] = {
    "wrong_count": Fault(_wrong_count, "COUNT_DIFFERS", "one line more in the header"),
    "wrong_ok_count": Fault(_wrong_ok_count, "TOTAL_DIFFERS", "one debited line more in the header"),
    "wrong_total": Fault(_wrong_total, "TOTAL_DIFFERS", "one fen more in the total"),
    "wrong_ok_total": Fault(_wrong_ok_total, "TOTAL_DIFFERS", "one fen more in the debited total"),
    "wrong_failed_total": Fault(
        _wrong_failed_total, "TOTAL_DIFFERS", "one fen more in the total not debited"
    ),
    "unknown_batch": Fault(_unknown_batch, "UNKNOWN_BATCH", "a batch that was never sent"),
    "unknown_bank": Fault(_unknown_bank, "UNKNOWN_BANK", "a bank without a profile"),
    "unknown_region": Fault(_unknown_region, "UNKNOWN_REGION", "a region that does not exist"),
    "header_missing": Fault(_header_missing, "HEADER_UNREADABLE", "no header line"),
    "header_damaged": Fault(_header_damaged, "HEADER_UNREADABLE", "a number in the header is none"),
}
BYTE_FAULTS: dict[str, Fault] = {
    "cut_file": Fault(_cut_file, "LINE_UNREADABLE", "the file ends in the middle of a line"),
    "lf": Fault(_lf, "", "LF instead of CRLF"),
    "mixed_line_ends": Fault(_mixed_line_ends, "", "LF and CRLF mixed"),
    "no_last_line_end": Fault(_no_last_line_end, "", "the last line has no line end"),
    "blank_last_line": Fault(_blank_last_line, "", "an empty line at the end"),
    "end_mark": Fault(_end_mark, "", "0x1A as last byte"),
    "utf8": Fault(_utf8, "WRONG_ENCODING", "UTF-8"),
    "utf16": Fault(_utf16, "WRONG_ENCODING", "UTF-16"),
    "bom": Fault(_bom, "WRONG_ENCODING", "a byte order mark before GB18030"),
    "empty": Fault(_instead(b""), "EMPTY_FILE", "0 bytes"),
    "html": Fault(_instead(_HTML), "WRONG_FORMAT", "an error page of the bank's portal"),
    "pdf": Fault(_instead(_PDF), "WRONG_FORMAT", "a PDF"),
    "zip": Fault(_zip, "WRONG_FORMAT", "the file inside a ZIP archive"),
    "gzip": Fault(_gzip, "WRONG_FORMAT", "the file compressed"),
    "xml": Fault(_instead(_XML), "WRONG_FORMAT", "the wrong XML message"),
    "xml_dtd": Fault(_instead(_XML_DTD), "XML_DTD", "XML with entities"),
    "wrong_digest": Fault(_wrong_digest, "DIGEST_DIFFERS", "a digest file that belongs to other bytes"),
}
# In this order: second_answers changes what the books say, the others do not.
MORE_FILES: dict[str, str] = {
    "same_bytes": "the same bytes once more, under the next name",
    "same_content_lf": "the same content once more, with LF instead of CRLF",
    "second_answers": "a second file: repeats, corrections, reversals, contradictions, late answers",
}
_MIXES_ABOUT = {
    "all_ok": "every instruction debited",
    "all_declined": "every instruction declined",
    "no_lines": "a file without lines",
    "many_rejected": "REJECTED lines above both 20 and 1 %: the file is held",
}


def list_faults() -> dict[str, str]:
    """Name and meaning of every fault, with the code it leads to."""
    faults = dict(_MIXES_ABOUT)
    for name, fault in (LINE_FAULTS | HEADER_FAULTS | BYTE_FAULTS).items():
        faults[name] = f"{fault.about} ({fault.reason or 'APPLIED'})"
    return faults | MORE_FILES
