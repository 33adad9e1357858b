"""The strict reader of lists: what is refused before it is opened, what is wrong with one row, what goes on all the same."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.xml
import pytest

from bureau.errors import render
from bureau.sheets import refusals
from bureau.sheets.limits import IN_A_REQUEST, Limits
from tests.bureau.sheetkit import LAYOUT, SHEET, edited, read

HEADER = ["姓名", "证件号码", "出生日期"]
GOOD = ["张三", "A1", "1980-05-17"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.xlsx"


def book(rows: Sequence[Sequence[Any]] = (GOOD,), header: Sequence[Any] = HEADER) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for cells in (header, *rows):
        sheet.append(list(cells))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def refused(path: Path, content: bytes, limits: Limits = IN_A_REQUEST) -> tuple[str, str]:
    with pytest.raises(refusals.SheetRefused) as caught:
        read(path, content, limits)
    return caught.value.code, render(caught.value)


def faults(path: Path, content: bytes) -> list[tuple[int, str, str, str]]:
    rows, _ = read(path, content)
    return [(r.line, r.fault.error.code, r.fault.column, render(r.fault.error)) for r in rows if r.fault]


def good(path: Path, content: bytes) -> list[Any]:
    rows, _ = read(path, content)
    return [list(r.values) for r in rows if r.fault is None]


def test_a_good_list_is_read_whole(path: Path) -> None:
    rows, opened = read(path, book([GOOD, ["李四", "A2", date(1990, 1, 2)]]))
    assert [(r.line, list(r.values), r.fault) for r in rows] == [
        (2, ["张三", "A1", date(1980, 5, 17)], None),
        (3, ["李四", "A2", date(1990, 1, 2)], None),
    ]
    assert (opened.warnings, opened.held) == ([], False)


# --- S01 to S06: refused before anything is opened -----------------------


def test_s01_a_lying_dimension_is_a_warning_and_all_rows_are_read(path: Path) -> None:
    content = edited(book([GOOD, ["李四", "A2", ""]]), sheet=('ref="A1:C3"', 'ref="A1:C9999"'))
    rows, opened = read(path, content)
    assert len(rows) == 2
    (warning,) = opened.warnings
    assert warning["code"] == "DIMENSION_DIFFERS"
    assert warning["message"] % warning["params"] == (
        "The workbook says it has 9999 rows; 3 were counted and read."
    )


def test_s02_a_bomb_is_refused_by_its_directory(path: Path) -> None:
    content = edited(book(), {"xl/media/a.xml": b"<a>" + b" " * (60 * 1024 * 1024) + b"</a>"})
    assert len(content) < 200_000
    assert refused(path, content) == (
        "SHEET_BOMB",
        "Unpacked, the workbook would have 60 MB; at most 50 MB are opened. Copy the rows into a new workbook.",
    )


def test_s02_a_part_packed_beyond_reason_is_refused(path: Path) -> None:
    content = edited(book(), {"xl/media/a.xml": b"<a>" + b" " * (3 * 1024 * 1024) + b"</a>"})
    code, message = refused(path, content)
    assert code == "SHEET_RATIO"
    assert message.startswith("Part xl/media/a.xml of the workbook is packed ")


def test_s03_rows_beyond_the_door_are_refused(path: Path) -> None:
    rows = "".join(f'<row r="{n}"/>' for n in range(3, 5_010))
    content = edited(book(), sheet=("</sheetData>", f"{rows}</sheetData>"))
    assert refused(path, content) == (
        "SHEET_ROWS",
        "The list has more than 5000 rows. Split it, or remove empty rows at the end.",
    )


def test_s03_a_cell_that_claims_a_row_far_below_is_refused(path: Path) -> None:
    content = edited(book(), sheet=('r="A2"', 'r="A1048576"'))
    assert refused(path, content)[0] == "SHEET_ROWS"


@pytest.mark.parametrize("cell", ['r="XFD2"', "r = 'XFD2'"])
def test_s04_a_cell_far_to_the_right_is_refused(path: Path, cell: str) -> None:
    content = edited(book(), sheet=('r="A2"', cell))
    assert refused(path, content) == (
        "SHEET_COLUMNS",
        "Row 2 reaches column XFD; at most 60 columns are read. Remove what stands far to the right.",
    )


def test_s04_cells_without_a_place_are_counted(path: Path) -> None:
    content = edited(book(), sheet=("</row>", "<c><v>1</v></c>" * 80 + "</row>"))
    assert refused(path, content)[0] == "SHEET_COLUMNS"


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml"])
def test_s05_entities_are_refused_unread(path: Path, part: str) -> None:
    head = '<!DOCTYPE a [<!ENTITY b "c">]>'
    where = "sheet" if part == SHEET else "workbook"
    mark = "<worksheet" if part == SHEET else "<workbook "
    change = {where: (mark, head + mark)}
    content = edited(book(), None, **change)
    assert refused(path, content) == (
        "SHEET_ENTITY",
        f"Part {part} of the workbook declares XML entities, which no office program does.",
    )


def test_s05_the_other_reader_of_workbooks_is_guarded_too() -> None:
    assert openpyxl.xml.DEFUSEDXML is True


@pytest.mark.parametrize(
    ("part", "code", "message"),
    [
        (
            "xl/vbaProject.bin",
            "SHEET_MACROS",
            "The workbook holds macros (xl/vbaProject.bin). Save it as .xlsx without macros.",
        ),
        (
            "xl/externalLinks/externalLink1.xml",
            "SHEET_LINKS",
            "The workbook takes data from elsewhere (xl/externalLinks/externalLink1.xml). Copy the values into a new workbook.",
        ),
        (
            "xl/embeddings/oleObject1.bin",
            "SHEET_EMBEDDED",
            "Another document is embedded in the workbook (xl/embeddings/oleObject1.bin). Remove it.",
        ),
    ],
)
def test_s06_what_a_list_must_not_carry(path: Path, part: str, code: str, message: str) -> None:
    assert refused(path, edited(book(), {part: b"x"})) == (code, message)


def test_s06_old_encrypted_damaged_and_other_files(path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert refused(path, ole) == (
        "SHEET_OLD_XLS",
        "This is a workbook of the old format (.xls) under another name. Open it and save it as .xlsx.",
    )
    assert refused(path, ole + "EncryptedPackage".encode("utf-16-le")) == (
        "SHEET_ENCRYPTED",
        "The workbook is protected by a password. Remove the password and send it again.",
    )
    assert refused(path, b"%PDF-1.4 ...")[1] == (
        "This looks like a PDF file, not like a list. Save it as XLSX or CSV."
    )
    assert refused(path, b"PK\x03\x04 not a zip")[0] == "SHEET_DAMAGED"
    assert refused(path, book()[:-40])[0] == "SHEET_DAMAGED"
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as other:
        other.writestr("a.txt", "a")
    assert refused(path, plain.getvalue())[0] == "SHEET_FORMAT"


def test_a_part_longer_than_promised_is_refused(path: Path) -> None:
    content = bytearray(book())
    at = content.find(b"xl/worksheets/sheet1.xml", content.find(b"PK\x01\x02"))
    size_at = at - 46 + 24
    content[size_at : size_at + 4] = (100).to_bytes(4, "little")
    assert refused(path, bytes(content))[0] == "SHEET_DAMAGED"


# --- S07 to S10: cells, days, formulas, hidden and merged -----------------


def test_s07_a_number_where_text_belongs(path: Path) -> None:
    content = book([["张三", 450802199008150013, ""], ["李四", "A2", ""]])
    assert faults(path, content) == [
        (
            2,
            "CELL_NUMBER",
            "证件号码",
            "The cell is a number; format the column as text and type the value again.",
        )
    ]
    assert good(path, content) == [["李四", "A2", None]]


@pytest.mark.parametrize("cell", [45000, "2026/2/30", "三月五日", "31.01.2025", "1025-01-01"])
def test_s08_what_is_not_a_day(path: Path, cell: Any) -> None:
    content = book([["张三", "A1", cell], GOOD])
    assert faults(path, content) == [
        (2, "CELL_DATE", "出生日期", "This is not a day; write it as 2025-01-31.")
    ]
    assert len(good(path, content)) == 1


@pytest.mark.parametrize("cell", ["1980-5-17", "1980/05/17", "19800517", "1980年5月17日", date(1980, 5, 17)])
def test_days_as_people_write_them(path: Path, cell: Any) -> None:
    assert good(path, book([["张三", "A1", cell]]))[0][2] == date(1980, 5, 17)


def test_s08_days_from_1904_are_refused(path: Path) -> None:
    content = edited(book(), workbook=("<workbookPr", '<workbookPr date1904="1"'))
    assert refused(path, content) == (
        "SHEET_1904",
        "The workbook counts its days from 1904: every date would be off by four years. Switch off the 1904 date system.",
    )


def test_s09_a_formula_is_named_with_its_column(path: Path) -> None:
    content = book([["张三", '=CONCATENATE("A","1")', ""], GOOD])
    assert faults(path, content) == [
        (2, "CELL_FORMULA", "证件号码", "Formula in column B; copy the column and paste its values.")
    ]
    assert len(good(path, content)) == 1


def test_s09_a_mistake_of_the_spreadsheet(path: Path) -> None:
    content = edited(book([["x", "A1", ""], GOOD]), sheet=('<c r="A2" t="inlineStr"><is><t>x</t></is></c>',
                     '<c r="A2" t="e"><v>#N/A</v></c>'))  # fmt: skip
    assert [fault[:3] for fault in faults(path, content)] == [(2, "CELL_MISTAKE", "姓名")]
    assert len(good(path, content)) == 1


def test_s10_hidden_rows_are_read_and_the_list_is_held(path: Path) -> None:
    content = edited(book([GOOD, ["李四", "A2", ""]]), sheet=('<row r="2"', '<row r="2" hidden="1"'))
    rows, opened = read(path, content)
    assert len(rows) == 2
    assert opened.held
    (warning,) = opened.warnings
    assert warning["message"] % warning["params"] == (
        "1 rows are hidden or filtered out; they are read like all others."
    )


def test_s10_merged_cells_are_refused(path: Path) -> None:
    content = edited(
        book(),
        sheet=("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'),
    )
    assert refused(path, content) == (
        "SHEET_MERGED",
        "Cells are merged (A2:A3): a row would lose its values. Unmerge them, so that each row is complete.",
    )


def test_s10_several_sheets_are_a_choice(path: Path) -> None:
    made = openpyxl.load_workbook(io.BytesIO(book()))
    hidden = made.create_sheet("旧名单")
    hidden.sheet_state = "hidden"
    hidden.append(HEADER)
    hidden.append(["王五", "A9", ""])
    out = io.BytesIO()
    made.save(out)
    assert refused(path, out.getvalue()) == (
        "SHEET_CHOICE",
        "The workbook has 2 sheets (Sheet, 旧名单). Choose the one to read.",
    )
    rows, opened = read(path, out.getvalue(), sheet="旧名单")
    assert [list(r.values) for r in rows] == [["王五", "A9", None]]
    assert opened.sheet == "旧名单"
    with pytest.raises(refusals.SheetUnknown):
        read(path, out.getvalue(), sheet="没有")


# --- S11 to S13: headers and widths ---------------------------------------

EXPECTED = "Expected: 姓名, 证件号码, 出生日期."


@pytest.mark.parametrize(
    ("header", "code", "message"),
    [
        (
            ["姓名", "姓名", "证件号码"],
            "HEADER_DUPLICATE",
            "The column 姓名 is there twice (A and B). Keep one.",
        ),
        (
            ["姓名", "出生日期"],
            "HEADER_MISSING",
            f"Missing columns: 证件号码. {EXPECTED} Found: 姓名, 出生日期.",
        ),
        (
            ["姓名", "证件号码", "备注"],
            "HEADER_UNKNOWN",
            f"Unknown columns: 备注. {EXPECTED} Found: 姓名, 证件号码, 备注.",
        ),
        (
            ["姓名", "证件号", "出生日期"],
            "HEADER_MISSING",
            f"Missing columns: 证件号码. {EXPECTED} Found: 姓名, 证件号, 出生日期.",
        ),
        (  # S18: a key smuggled in is an unknown column
            ["id", "姓名", "证件号码"],
            "HEADER_UNKNOWN",
            f"Unknown columns: id. {EXPECTED} Found: id, 姓名, 证件号码.",
        ),
    ],
)
def test_s11_s18_headers(path: Path, header: list[str], code: str, message: str) -> None:
    assert refused(path, book([GOOD], header)) == (code, message)


def test_s11_a_header_on_row_3(path: Path) -> None:
    content = book([["", "", ""], HEADER, GOOD], ["城西村名单", "", ""])
    assert refused(path, content) == (
        "HEADER_NOT_FIRST",
        "The column names stand in row 3. They must stand in row 1: remove what is above them.",
    )


def test_columns_may_stand_in_any_order(path: Path) -> None:
    assert good(path, book([["A1", "张三"]], ["证件号码", "姓名"])) == [["张三", "A1", None]]


def text_file(*lines: str, encoding: str = "utf-8", mark: bytes = b"") -> bytes:
    return mark + "\r\n".join([*lines, ""]).encode(encoding)


HEAD = ",".join(HEADER)


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (
            text_file(HEAD.replace(",", ";"), "张三;A1;"),
            "CSV_DELIMITER",
            "The columns are separated by semicolons, not by commas. Save the list as CSV with commas.",
        ),
        (text_file(HEAD, '"张三,A1,'), "CSV_QUOTE", "The quote opened on line 2 is never closed."),
        (
            text_file(HEAD, "张三,A1,") + b"\xff\xff,A2,",
            "CSV_ENCODING",
            None,
        ),
        (
            text_file(HEAD, "张三,A1,", encoding="utf-16"),
            "CSV_ENCODING",
            None,
        ),
        (b"", "SHEET_EMPTY", None),
        (
            text_file(HEAD),
            "SHEET_EMPTY",
            "The list is empty: row 1 must hold the column names, and at least one row must follow.",
        ),
        (
            b"<html><body>",
            "SHEET_FORMAT",
            "This looks like a HTML file, not like a list. Save it as XLSX or CSV.",
        ),
    ],
)
def test_s12_csv_that_is_refused(path: Path, content: bytes, code: str, message: str | None) -> None:
    found = refused(path, content)
    assert found[0] == code
    assert message is None or found[1] == message


@pytest.mark.parametrize(
    "content",
    [
        text_file(HEAD, "张三,A1,1980-05-17"),
        text_file(HEAD, "张三,A1,1980-05-17", mark=b"\xef\xbb\xbf"),
        text_file(HEAD, '"张三","A1","1980-05-17"').replace(b"\r\n", b"\n"),
        text_file(HEAD, "张三,A1,1980-05-17", encoding="gb18030"),
        text_file(HEAD, "张三,A1,1980-05-17") + b"\x1a",
    ],
)
def test_s12_csv_that_is_read(path: Path, content: bytes) -> None:
    assert good(path, content) == [["张三", "A1", date(1980, 5, 17)]]


def test_s12_gb18030_is_told(path: Path) -> None:
    _, opened = read(path, text_file(HEAD, "张三,A1,", encoding="gb18030"))
    assert [warning["code"] for warning in opened.warnings] == ["READ_AS_GB18030"]


def test_s13_short_and_long_rows(path: Path) -> None:
    content = text_file(HEAD, "张三,A1", "李四,A2,,x", "王五,A3,,", "赵六,A4,")
    assert faults(path, content) == [
        (2, "ROW_SHORT", "", "The row has 2 cells; 3 are expected."),
        (3, "ROW_LONG", "D", "The row has a value beyond the last column (C)."),
        (4, "ROW_LONG", "D", "The row has a value beyond the last column (C)."),
    ]
    assert good(path, content) == [["赵六", "A4", None]]


def test_s13_a_value_beyond_the_last_column_of_a_workbook(path: Path) -> None:
    content = book([[*GOOD, "x"], GOOD])
    assert [fault[:3] for fault in faults(path, content)] == [(2, "ROW_LONG", "D")]
    assert len(good(path, content)) == 1


def test_s16_a_column_that_the_role_may_not_fill(path: Path) -> None:
    content = book([["张三", "A1", "已缴费"], ["李四", "A2", ""]], ["姓名", "证件号码", "缴费状态"])
    assert faults(path, content) == [
        (
            2,
            "CELL_FORBIDDEN",
            "缴费状态",
            "Column not allowed for your role: leave it empty; such a change is a case of its own.",
        )
    ]
    assert good(path, content) == [["李四", "A2", None]]


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+cmd", "@SUM", "==1+1", "＝1+1", "-2", "张\u200b三", "张\x00三"]
)
def test_s22_text_stays_text(path: Path, name: str) -> None:
    content = text_file(HEAD, f"{name},A1,")
    if "\x00" in name:
        assert refused(path, content)[0] == "CSV_ENCODING"
    elif "\u200b" in name:
        assert [fault[1] for fault in faults(path, content)] == ["CELL_CHARACTERS"]
    else:
        assert good(path, content) == [[name, "A1", None]]


def test_an_empty_needed_cell_and_a_long_one(path: Path) -> None:
    content = text_file(HEAD, ",A1,", f"{'张' * 21},A2,", "王五,A3,")
    assert [fault[:3] for fault in faults(path, content)] == [
        (2, "CELL_EMPTY", "姓名"),
        (3, "CELL_LONG", "姓名"),
    ]
    assert len(good(path, content)) == 1


def test_empty_rows_between_are_passed_over_and_lines_keep_their_numbers(path: Path) -> None:
    rows, _ = read(path, book([GOOD, ["", "", ""], ["李四", "A2", ""]]))
    assert [row.line for row in rows] == [2, 4]


def test_every_column_is_known_by_its_name() -> None:
    assert list(LAYOUT.names) == HEADER
