"""Layout A: what is written, byte for byte, and what is read, whatever comes."""

import hashlib
import io
import os
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.files.blocks import BlockReader
from payments.files.characters import encodable
from payments.files.delimited import (
    FileName,
    NotWritable,
    RequestHeader,
    RequestLine,
    RequestUnreadable,
    TotalsDiffer,
    batch_number,
    parse_name,
    parse_request,
    request_bytes,
    request_name,
    result_name,
)
from payments.files.delivery import check_digest, digest_bytes, sm3, write_atomically
from payments.files.refusals import (
    REJECTED_CODES,
    DigestDiffers,
    EmptyFile,
    FileRefused,
    HeaderUnreadable,
    WrongEncoding,
    WrongFormat,
    XmlDtd,
    too_many_rejected,
)
from payments.files.results import (
    LineUnreadable,
    ResultHeader,
    parse_result_line,
    read_header,
    result_header_text,
    split_result_line,
)
from payments.files.sniffing import sniff
from tests.payments.requests import clean_text

DATA = Path(__file__).parent / "data"
NAME = "YBDK_103_450800_20250115_0001.txt"
DAY = date(2025, 1, 15)
HEADER = RequestHeader(
    region="450800",
    bank="103",
    agency="YBJ45080001",
    day=DAY,
    batch="0001",
    lines=3,
    amount=Decimal("960.00"),
    debit_from=DAY,
    debit_to=date(2025, 1, 17),
)
LINES = [
    RequestLine(
        seq=1,
        account="6228480010000000017",
        holder="张三",
        amount=Decimal("400"),
        mandate_no="SF450800202500000001",
        ref="450800-2025-000000001-01",
        summary="城乡居民医保2025",
    ),
    RequestLine(
        seq=2,
        account="6228480010000000025",
        holder="买买提·艾力",
        amount=Decimal("400.00"),
        mandate_no="SF450800202500000002",
        ref="450800-2025-000000002-01",
        summary="城乡居民医保2025",
    ),
    RequestLine(
        seq=3,
        account="6217000010000000037",
        holder="䶮𠮷",
        amount=Decimal("160.00"),
        cross_bank=True,
        bank_name="中国建设银行贵港分行",
        cnaps="105624000015",
        mandate_no="SF450800202500000003",
        ref="450800-2025-000000003-01",
        summary="城乡居民医保2025",
        remark="低保",
    ),
]


def written(header: RequestHeader = HEADER, lines: list[RequestLine] | None = None) -> bytes:
    return b"".join(request_bytes(header, LINES if lines is None else lines))


# --- writing ---------------------------------------------------------------------------------------


def test_the_public_example_is_written_byte_for_byte(tmp_path: Path) -> None:
    assert request_name("103", "450800", DAY, batch_number(1)) == NAME
    done = write_atomically(tmp_path / NAME, request_bytes(HEADER, LINES))
    assert done.path.read_bytes() == (DATA / NAME).read_bytes()
    assert done.digest_path.read_bytes() == (DATA / f"{NAME}.sm3").read_bytes()
    assert done.size == len((DATA / NAME).read_bytes())
    assert done.sha256 == hashlib.sha256((DATA / NAME).read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}.sm3"]


def test_the_public_example_is_read_back() -> None:
    header, lines = parse_request((DATA / NAME).read_bytes())
    assert header == HEADER
    assert lines == [replace(LINES[0], amount=Decimal("400.00")), *LINES[1:]]


def test_sm3_is_the_standards_own() -> None:
    # GB/T 32905-2016, example 1.
    assert sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_every_middle_dot_is_written_as_the_one_of_gbk() -> None:
    for dot in "\u2022\u30fb\u2027\u00b7":
        lines = [LINES[0], replace(LINES[1], holder=f"买买提{dot}艾力"), LINES[2]]
        assert written(lines=lines) == (DATA / NAME).read_bytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("holder", "张|三"),
        ("holder", "张\n三"),
        ("holder", "张\u202e三"),
        ("holder", "张\u200b三"),
        ("holder", "张\ud842三"),
        ("holder", ""),
        ("holder", "张" * 61),
        ("holder", "𠮷" * 31),
        ("account", "6228 4800"),
        ("account", "６２２８"),
        ("account", ""),
        ("account", "6" * 33),
        ("amount", Decimal("0.00")),
        ("amount", Decimal("-1.00")),
        ("amount", Decimal("10000000000.00")),
        ("mandate_no", ""),
        ("ref", "4" * 36),
        ("ref", "编号"),
        ("mandate_no", "协议"),
        ("ref", ""),
        ("summary", "医" * 21),
        ("remark", "低\x00保"),
        ("cnaps", "1056240000150"),
        ("bank_name", "行" * 41),
        ("seq", 2),
    ],
)
def test_a_value_that_breaks_its_field_is_named_not_mangled(field: str, value: object) -> None:
    lines = [replace(LINES[0], **{field: value}), *LINES[1:]]
    with pytest.raises(NotWritable) as caught:
        written(lines=lines)
    assert (caught.value.params["line"], caught.value.params["field"]) == (2, field)


def test_the_widest_values_fit() -> None:
    wide = replace(
        LINES[0], account="6" * 32, holder="张" * 60, ref="4" * 35, summary="医" * 20, remark="低" * 30
    )
    header, lines = parse_request(written(lines=[wide, *LINES[1:]]))
    assert header.lines == 3
    assert lines[0] == replace(wide, amount=Decimal("400.00"))


@pytest.mark.parametrize(
    ("bank_name", "cnaps", "field"), [("", "105624000015", "bank_name"), ("建行", "", "cnaps")]
)
def test_a_cross_bank_line_needs_the_other_bank(bank_name: str, cnaps: str, field: str) -> None:
    lines = [*LINES[:2], replace(LINES[2], bank_name=bank_name, cnaps=cnaps)]
    with pytest.raises(NotWritable) as caught:
        written(lines=lines)
    assert caught.value.params["field"] == field


@pytest.mark.parametrize("change", [{"lines": 4}, {"lines": 2}, {"amount": Decimal("960.01")}])
def test_header_and_lines_must_belong_together(change: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(TotalsDiffer):
        write_atomically(tmp_path / NAME, request_bytes(replace(HEADER, **change), LINES))
    assert list(tmp_path.iterdir()) == []


def test_the_data_file_gets_its_name_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []
    really = os.replace

    def spy(source: Path, target: Path) -> None:
        seen.append((Path(target).name, (tmp_path / f"{NAME}.sm3").exists()))
        really(source, target)

    monkeypatch.setattr(os, "replace", spy)
    write_atomically(tmp_path / NAME, [b"one", b"two"])
    assert seen == [(f"{NAME}.sm3", False), (NAME, True)]
    assert (tmp_path / NAME).read_bytes() == b"onetwo"


def test_a_digest_file_belongs_to_its_bytes_and_its_name() -> None:
    content = (DATA / NAME).read_bytes()
    good = (DATA / f"{NAME}.sm3").read_bytes()
    assert digest_bytes(sm3(content), NAME) == good
    check_digest(good, hexdigest=sm3(content), name=NAME)
    check_digest(good.strip() + b"\r\n", hexdigest=sm3(content), name=NAME)
    for wrong in (b"", b"nonsense", good.replace(b"78", b"79", 1), good.replace(b"0001", b"0002")):
        with pytest.raises(DigestDiffers):
            check_digest(wrong, hexdigest=sm3(content), name=NAME)


def test_names() -> None:
    assert result_name("103", "450800", DAY, "0001", 2) == "YBDK_103_450800_20250115_0001_R2.txt"
    assert parse_name(NAME) == FileName("103", "450800", DAY, "0001", None)
    assert parse_name("YBDK_103_450800_20250115_0001_R12.txt") == FileName("103", "450800", DAY, "0001", 12)
    for wrong in (
        "",
        "x.txt",
        NAME + ".sm3",
        NAME.replace("0115", "0230"),
        "YBDK_103_450800_20250115_0001_R0.txt",
    ):
        assert parse_name(wrong) is None
    for number in (0, 10_000):
        with pytest.raises(NotWritable):
            batch_number(number)


@given(st.lists(st.tuples(clean_text, clean_text, st.integers(1, 10**12 - 1)), max_size=8))
def test_whatever_is_written_reads_back(values: list[tuple[str, str, int]]) -> None:
    lines = [
        replace(LINES[0], seq=number, holder=holder, remark=remark, amount=Decimal(fen) / 100)
        for number, (holder, remark, fen) in enumerate(values, start=1)
    ]
    total = sum((line.amount for line in lines), Decimal("0.00"))
    header = replace(HEADER, lines=len(lines), amount=total)
    assert parse_request(written(header, lines)) == (header, lines)


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        (b"H|", b"R|", 1, "record"),
        (b"|1.0|", b"|2.0|", 1, "version"),
        (b"|450800|103", b"|45080|103", 1, "region"),
        (b"|CNY|", b"|USD|", 1, "currency"),
        (b"|3|960.00", b"|4|960.00", 1, "lines"),
        (b"|3|960.00", b"|3|960.01", 1, "amount"),
        (b"|20250117|", b"|20250230|", 1, "debit_to"),
        (b"|20250117|", b"|20250114|", 1, "debit_to"),
        (b"\r\n2|", b"\r\n3|", 3, "seq"),
        (b"|400.00|0|||SF450800202500000001", b"|400|0|||SF450800202500000001", 2, "amount"),
        (b"|160.00|1|", b"|160.00|2|", 4, "cross_bank"),
        (b"-02-", b"-02-", 0, ""),
        (b"2025||\r\n2|", b"2025|\r\n2|", 2, "fields"),
        (b"2025||\r\n2|", b"2025||\n2|", 2, "fields"),
        (b"6217", b"621X", 4, "account"),
        (b"|\xd5\xc5\xc8\xfd|", b"|\xd5\xc5\xff|", 2, "encoding"),
    ],
)
def test_a_request_is_read_strictly(old: bytes, new: bytes, line: int, field: str) -> None:
    data = (DATA / NAME).read_bytes().replace(old, new)
    if not line:
        assert parse_request(data)[0] == HEADER
        return
    with pytest.raises(RequestUnreadable) as caught:
        parse_request(data)
    assert (caught.value.params["line"], caught.value.params["field"]) == (line, field)


def test_a_request_without_its_last_line_end_or_anything() -> None:
    for data, field in (((DATA / NAME).read_bytes()[:-2], "line end"), (b"", "record"), (b"\r\n", "record")):
        with pytest.raises(RequestUnreadable) as caught:
            parse_request(data)
        assert caught.value.params["field"] == field


def test_encodable() -> None:
    assert all(
        encodable(text) for text in ("张三", "䶮𠮷", "买买提·艾力", "欧阳\u3000修", "\ue81e", "😀", "")
    )
    assert not any(
        encodable(text) for text in ("张|三", "\x00", "\x85", "\u200d", "\ufeff", "\ud800", "\u202e")
    )
    assert encodable("张" * 60, max_bytes=120)
    assert not encodable("张" * 61, max_bytes=120)
    assert not encodable("𠮷" * 31, max_bytes=120)


# --- sniffing and the header -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "error", "word"),
    [
        (b"", EmptyFile, ""),
        (b"  \r\n<!doctype HTML><p>", WrongFormat, "HTML"),
        (b"<html><body>", WrongFormat, "HTML"),
        (b"%PDF-1.7\n", WrongFormat, "PDF"),
        (b"PK\x03\x04\x14\x00", WrongFormat, "ZIP"),
        (b"\x1f\x8b\x08\x00", WrongFormat, "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", WrongFormat, "Office"),
        (b'<?xml version="1.0"?><Document/>', WrongFormat, "XML"),
        (b"<Document>", WrongFormat, "XML"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "b">]><lolz/>', XmlDtd, ""),
        (b'<!DOCTYPE r SYSTEM "http://example.org/x.dtd"><r/>', XmlDtd, ""),
        (b"\xef\xbb\xbfR|1.0|", WrongEncoding, "UTF-8"),
        ("R|1.0|450800|张三|".encode("utf-16"), WrongEncoding, "UTF-16"),
        ("R|1.0|450800|张三|".encode("utf-16-le"), WrongEncoding, "UTF-16"),
        ("R|1.0|450800|张三|".encode("utf-16-be"), WrongEncoding, "UTF-16"),
        (b"R|1.0|450800|\x00|", WrongEncoding, "binary"),
        (b"\x84\x31\x95\x33R|1.0|", WrongEncoding, "byte order mark"),
    ],
)
def test_what_is_no_bank_file_is_refused_by_name(head: bytes, error: type[FileRefused], word: str) -> None:
    with pytest.raises(error) as caught:
        sniff(head)
    assert word in str(caught.value)
    assert caught.value.code in REJECTED_CODES
    with pytest.raises(error):
        BlockReader(io.BytesIO(head)).header()


def test_a_bank_file_is_not_refused_by_its_beginning() -> None:
    for path in (NAME, NAME.replace(".txt", "_R1.txt")):
        sniff((DATA / path).read_bytes())


RESULT = (DATA / NAME.replace(".txt", "_R1.txt")).read_bytes()
RESULT_HEADER = ResultHeader(
    region="450800",
    bank="103",
    agency="YBJ45080001",
    day=DAY,
    batch="0001",
    lines=3,
    amount=Decimal("960.00"),
    ok_lines=1,
    ok_amount=Decimal("400.00"),
    failed_lines=2,
    failed_amount=Decimal("560.00"),
    processed_on=DAY,
)


def test_the_header_of_the_public_example() -> None:
    line = RESULT.split(b"\n")[0] + b"\n"
    assert read_header(line) == RESULT_HEADER
    assert result_header_text(RESULT_HEADER).encode() == line.rstrip()
    assert BlockReader(io.BytesIO(RESULT)).header() == RESULT_HEADER


def test_a_total_may_exceed_any_single_amount() -> None:
    header = replace(RESULT_HEADER, amount=Decimal("1000000000000400.00"))
    assert read_header(result_header_text(header).encode()) == header


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (0, "H", "record"),
        (0, "", "record"),
        (1, "9.9", "version"),
        (2, "45080", "region"),
        (3, "１０３", "bank"),
        (4, "", "agency"),
        (5, "2025-01-15", "day"),
        (5, "20250230", "day"),
        (6, "1", "batch"),
        (7, "3.0", "lines"),
        (7, "-3", "lines"),
        (7, "٣", "lines"),
        (7, "999999999", "lines"),
        (8, "960.000", "amount"),
        (8, "1,960.00", "amount"),
        (8, "9" * 17, "amount"),
        (9, "", "ok_lines"),
        (10, "４00.00", "ok_amount"),
        (11, "x", "failed_lines"),
        (12, "+560.00", "failed_amount"),
        (13, "", "processed_on"),
        (14, "more", "fields"),
        (13, "20250115|", "fields"),
        (4, "A\u200bB", "fields"),
    ],
)
def test_an_unreadable_header_names_its_field(place: int, value: str, field: str) -> None:
    parts = result_header_text(RESULT_HEADER).split("|")
    parts[place] = value
    with pytest.raises(HeaderUnreadable) as caught:
        read_header("|".join(parts).encode("gb18030") + b"\r\n")
    assert caught.value.params == {"field": field}


def test_a_header_that_is_missing_or_not_gb18030() -> None:
    with pytest.raises(HeaderUnreadable):
        BlockReader(io.BytesIO(RESULT.split(b"\n", 1)[1])).header()
    with pytest.raises(HeaderUnreadable):
        BlockReader(io.BytesIO(b"x" * 5000)).header()
    with pytest.raises(WrongEncoding) as caught:
        read_header(b"R|1.0|\xff\xff|")
    assert (caught.value.params["line"], caught.value.params["byte"]) == (1, 7)


# --- single lines ----------------------------------------------------------------------------------


def test_a_line_of_the_public_example() -> None:
    text = RESULT.decode("gb18030").split("\r\n")[2]
    line = parse_result_line(split_result_line(text))
    assert (line.seq, line.account, line.holder) == (2, "6228480010000000025", "买买提·艾力")
    assert (line.due, line.paid, line.code, line.note) == (
        Decimal("400.00"),
        Decimal("0.00"),
        "3008",
        "余额不足",
    )
    assert (line.serial, line.debited_on, line.ref) == ("", DAY, "450800-2025-000000002-01")


GOOD_LINE = [
    "1",
    "62284800",
    "张三",
    "400.00",
    "400.00",
    "0000",
    "交易成功",
    "2025",
    "20250115",
    "450800-2025-1-01",
]


@pytest.mark.parametrize(
    "bad",
    ["12.345", "1,000.00", "1e5", "１２３", "1_000", " 12", "+5", "-5", "NaN", "٣", "", "1" * 11, ".5", "5."],
)
@pytest.mark.parametrize(("place", "field"), [(3, "due"), (4, "paid")])
def test_an_amount_is_digits_and_at_most_two_decimals(bad: str, place: int, field: str) -> None:
    parts = list(GOOD_LINE)
    parts[place] = bad
    with pytest.raises(LineUnreadable) as caught:
        parse_result_line(parts)
    assert caught.value.params["field"] == field
    assert caught.value.params["cause"].startswith("amount_")


@pytest.mark.parametrize(
    ("place", "bad", "field"),
    [
        (0, "", "seq"),
        (0, "1.0", "seq"),
        (0, "１", "seq"),
        (8, "20250230", "debited_on"),
        (8, "15.01.25", "debited_on"),
    ],
)
def test_other_fields_that_cannot_be_read(place: int, bad: str, field: str) -> None:
    parts = list(GOOD_LINE)
    parts[place] = bad
    with pytest.raises(LineUnreadable) as caught:
        parse_result_line(parts)
    assert caught.value.params["field"] == field


def test_fields_are_counted_and_clean() -> None:
    good = "|".join(GOOD_LINE) + "|"
    assert split_result_line(good) == GOOD_LINE
    for bad in (good[:-1], good + "|", good + "x", ""):
        with pytest.raises(LineUnreadable) as caught:
            split_result_line(bad)
        assert caught.value.params["field"] == "fields"
    with pytest.raises(LineUnreadable) as caught:
        split_result_line(good.replace("张三", "张\u200b三"))
    assert caught.value.params["field"] == "holder"
    with pytest.raises(LineUnreadable):
        parse_result_line(GOOD_LINE[:9])


def test_the_dataclasses_have_the_fields_of_the_layout() -> None:
    assert len(fields(RequestLine)) == 11
    assert len(fields(ResultHeader)) == 13


def test_when_rejected_lines_hold_a_file() -> None:
    assert not too_many_rejected(20, 100)
    assert too_many_rejected(21, 100)
    assert not too_many_rejected(21, 2100)
    assert too_many_rejected(22, 2100)
