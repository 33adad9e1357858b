"""The block reader: a file of any size and in any state becomes COPY rows, or is refused by name."""

import hashlib
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.files.blocks import BlockReader
from payments.files.characters import PLAIN_BYTES, is_clean
from payments.files.delivery import sm3
from payments.files.limits import Limits
from payments.files.refusals import FileRefused, LineTooLong, TooLarge, WrongEncoding
from tests.payments.requests import clean_text, request

RESULT = (Path(__file__).parent / "data" / "YBDK_103_450800_20250115_0001_R1.txt").read_bytes()
HEAD = RESULT[: RESULT.index(b"\n") + 1]
COLUMNS = 11
Row = list[str | None]


def copied(data: bytes, eol: str = "\r\n") -> list[Row]:
    """The rows that COPY makes of blocks: text format, delimiter `|`, NULL \\N (PostgreSQL manual, COPY)."""
    text = data.decode()
    assert text.endswith(eol) or not text
    rows = []
    for line in text.split(eol)[:-1]:
        assert "\r" not in line
        assert "\n" not in line
        values: list[str] = [""]
        places = iter(line)
        null = [False]
        for char in places:
            if char == "|":
                values.append("")
                null.append(False)
            elif char == "\\":
                escaped = next(places)
                null[-1] = escaped == "N" and values[-1] == ""
                values[-1] += {"r": "\r", "N": ""}.get(escaped, escaped)
            else:
                values[-1] += char
        rows.append([None if is_null else value for value, is_null in zip(values, null, strict=True)])
    return rows


def rows_of(content: bytes, **options: object) -> tuple[list[Row], BlockReader]:
    reader = BlockReader(io.BytesIO(content), **options)
    reader.header()
    eol = "\r\n" if content.split(b"\n")[0].endswith(b"\r") else "\n"
    return copied(b"".join(reader.blocks()), eol), reader


def raw_row(text: str, **kept: str) -> Row:
    row: Row = [None] * COLUMNS
    row[1] = text
    names = ("seq", "account", "holder", "due", "paid", "code", "note", "serial", "debited_on", "ref", "tail")
    for name, value in kept.items():
        row[names.index(name)] = value
    return row


def test_the_rows_of_the_public_example() -> None:
    rows, reader = rows_of(RESULT, with_sm3=True)
    assert rows == [[*text.split("|")] for text in RESULT.decode("gb18030").split("\r\n")[1:-1]]
    assert [row[2] for row in rows] == ["张三", "买买提·艾力", "䶮𠮷"]
    assert (reader.lines, reader.faulty_lines, reader.size) == (3, 0, len(RESULT))
    assert reader.sha256 == hashlib.sha256(RESULT).hexdigest() == reader.content_sha256
    assert reader.sm3 == sm3(RESULT)


def line(holder: str = "张三", note: str = "交易成功", ref: str = "450800-2025-000000001-01") -> str:
    return f"1|62284800|{holder}|400.00|400.00|0000|{note}|2025|20250115|{ref}|"


def content(*texts: str, eol: str = "\r\n") -> bytes:
    return HEAD.rstrip() + eol.encode() + "".join(text + eol for text in texts).encode("gb18030")


def test_trail_bytes_that_look_like_delimiters_are_no_delimiters() -> None:
    # The second byte of these is 0x7C or 0x5C.
    holders = ["倈", "晐", "榺", "乗", "昞", "梊"]
    assert {holder.encode("gb18030")[1:] for holder in holders} == {b"|", b"\\"}
    rows, reader = rows_of(content(*(line(holder) for holder in holders)))
    assert [row[2] for row in rows] == holders
    assert reader.faulty_lines == 0


def test_backslashes_reach_the_table_as_they_are() -> None:
    notes = ["\\N", "a\\b", "\\", "\\.", "end\\"]
    rows, reader = rows_of(content(*(line(note=note) for note in notes), line(holder="\\|")))
    assert [row[6] for row in rows[:-1]] == notes
    assert rows[-1] == raw_row(line(holder="\\|"))
    assert reader.faulty_lines == 1


def test_faulty_lines_keep_their_place_and_their_text() -> None:
    short, long, tail = line()[:-1], line() + "x|", line() + "x"
    rows, reader = rows_of(content(line(), short, line(), long, "", tail, "|", line()))
    good = line().split("|")
    assert rows == [
        good,
        raw_row(short),
        good,
        raw_row(long),
        raw_row(""),
        raw_row(tail),
        raw_row("|"),
        good,
    ]
    assert (reader.lines, reader.faulty_lines) == (8, 5)


@pytest.mark.parametrize(
    "char", ["\x01", "\t", "\x7f", "\x85", "\xad", "\u200b", "\u202e", "\ufeff", "\U000e0001"]
)
def test_a_forbidden_character_makes_its_line_faulty_but_leaves_the_totals_provable(char: str) -> None:
    bad = line(holder=f"张{char}三")
    rows, reader = rows_of(content(line(), bad, line()))
    assert rows[1] == raw_row(
        bad,
        due="400.00",
        paid="400.00",
        code="0000",
        serial="2025",
        debited_on="20250115",
        ref="450800-2025-000000001-01",
        tail="",
    )
    assert rows[0] == rows[2] == line().split("|")
    assert reader.faulty_lines == 1


def test_a_field_that_is_itself_unclean_is_not_kept() -> None:
    bad = line(ref="450800\u200b")
    rows, _reader = rows_of(content(bad))
    assert rows == [
        raw_row(bad, due="400.00", paid="400.00", code="0000", serial="2025", debited_on="20250115", tail="")
    ]


@pytest.mark.parametrize(
    "holder",
    ["买买提·艾力", "欧阳\u3000修", "\ue81e", "“张三”", "😀", "張\u2028三", "Ünal", "ＡＢ", "\ufa0e"],
)
def test_rare_but_allowed_characters_are_clean(holder: str) -> None:
    rows, reader = rows_of(content(line(holder)))
    assert rows == [line(holder).split("|")]
    assert reader.faulty_lines == 0


def test_only_lf_ends_a_line_and_one_cr_before_it_belongs_to_it() -> None:
    stray = line(note="a\rb")
    rows, reader = rows_of(content(line(note="a\u2028b"), stray, line() + "\r"))
    assert rows[0][6] == "a\u2028b"
    assert rows[1][1] == stray
    assert rows[2][0] is None
    assert rows[2][1] == line() + "\r"
    assert (reader.lines, reader.faulty_lines) == (3, 2)


def test_mixed_line_ends_come_out_alike() -> None:
    texts = [line(f"张{number}") for number in range(6)]
    mixed = "".join(text + ("\n" if number % 2 else "\r\n") for number, text in enumerate(texts))
    for head in (HEAD, HEAD.replace(b"\r", b"")):
        rows, reader = rows_of(head + mixed.encode("gb18030"))
        assert rows == [text.split("|") for text in texts]
        assert reader.content_sha256 == hashlib.sha256(content(*texts)).hexdigest()


def test_the_same_content_is_recognised_whatever_its_line_ends() -> None:
    texts = [line("张三"), line("李四")[:-1], "", line("王五")]
    plain = content(*texts)
    variants = [
        plain,
        content(*texts, eol="\n"),
        plain + b"\r\n",
        plain + b"\r\n\n\r\n",
        plain + b"\x1a",
        plain[:-2],
        plain[:-1],
        plain[:-2] + b"\x1a",
        plain.replace(b"\r\n", b"\n", 2),
    ]
    hashes = {
        rows_of(variant, block_bytes=size)[1].content_sha256 for variant in variants for size in (1, 64, 4096)
    }
    assert hashes == {hashlib.sha256(plain).hexdigest()}
    assert len({rows_of(variant)[1].sha256 for variant in variants}) == len(variants)
    others = [
        content(*texts[:-1]),
        content(*texts, line()),
        content(*reversed(texts)),
        content(*texts[:2], texts[3]),
    ]
    assert not {rows_of(other)[1].content_sha256 for other in others} & hashes


def test_the_end_of_a_file() -> None:
    good = line().split("|")
    assert rows_of(HEAD)[0] == []
    assert rows_of(HEAD.rstrip())[0] == []
    assert rows_of(HEAD + b"\r\n\r\n")[0] == []
    assert rows_of(HEAD + b"\x1a")[0] == []
    assert rows_of(content(line()) + b"\x1a")[0] == [good]
    assert rows_of(content(line())[:-2])[0] == [good]
    assert rows_of(content(line()) + b"\r\n\r\n" + line().encode("gb18030"))[0] == [
        good,
        raw_row(""),
        raw_row(""),
        good,
    ]
    assert rows_of(content(line()) + b"\x1a\r\n")[0] == [good, raw_row("\x1a")]


def test_a_file_cut_anywhere_is_read_and_its_last_line_is_faulty() -> None:
    whole = content(line("张三"), line("䶮𠮷"))
    start = whole.rfind(b"\n", 0, -1) + 1
    good = line("张三").split("|")
    for cut in range(start + 1, len(whole) - 2):
        rows, reader = rows_of(whole[:cut])
        assert rows[0] == good
        assert rows[1][0] is None
        assert (reader.lines, reader.faulty_lines) == (2, 1)


# --- encodings -------------------------------------------------------------------------------------


def refused(data: bytes, **options: object) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        rows_of(data, **options)
    return caught.value


@pytest.mark.parametrize("block_bytes", [16, 200, 1 << 19])
def test_the_first_wrong_byte_is_named(block_bytes: int) -> None:
    data = content(*(line() for _ in range(9))) + b"10|6228|\xc8\xfd\xff|400.00|\r\n" + content(line())
    error = refused(data, block_bytes=block_bytes)
    assert isinstance(error, WrongEncoding)
    assert (error.params["line"], error.params["byte"]) == (11, 11)


@pytest.mark.parametrize("holder", ["张三", "李四光", "䶮𠮷", "买买提·艾力"])
def test_utf8_is_named_even_where_gb18030_could_read_it(holder: str) -> None:
    data = HEAD + f"{line(holder, note='ok')}\r\n".encode()
    error = refused(data)
    assert isinstance(error, WrongEncoding)
    assert error.params["looks_like"] == "UTF-8"
    assert error.params["line"] == 2


def test_nul_bytes_are_refused_wherever_they_are() -> None:
    for number in (0, 500):
        texts = [line()] * number + [line("张\0三")] + [line()] * 3
        error = refused(content(*texts), block_bytes=4096)
        assert (error.code, error.params["line"], error.params["byte"]) == ("WRONG_ENCODING", number + 2, 14)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_byte_order_marks_are_refused(mark: bytes) -> None:
    assert refused(mark + RESULT).code == "WRONG_ENCODING"


def test_no_gb18030_text_of_the_examples_is_taken_for_utf8() -> None:
    header, lines = request(300)
    texts = [line(one.holder) for one in lines]
    rows, _reader = rows_of(content(*texts))
    assert [row[2] for row in rows] == [one.holder for one in lines]
    assert header.lines == 300


# --- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("block_bytes", [50, 1000, 1 << 19])
@pytest.mark.parametrize("eol", ["\r\n", "\n"])
def test_the_longest_line_is_read_and_a_longer_one_refused(block_bytes: int, eol: str) -> None:
    limit = Limits(max_line_bytes=300)
    room = 300 - len(line(note="").encode("gb18030"))
    longest, longer = line(note="x" * room), line(note="x" * (room + 1))
    rows, _reader = rows_of(content(line(), longest, line(), eol=eol), limits=limit, block_bytes=block_bytes)
    assert len(rows) == 3
    error = refused(content(line(), longest, longer, eol=eol), limits=limit, block_bytes=block_bytes)
    assert isinstance(error, LineTooLong)
    assert error.params == {"line": 4, "limit": 300}
    assert isinstance(refused(content(longer)[:-2], limits=limit, block_bytes=block_bytes), LineTooLong)


def test_a_line_without_end_is_refused_before_it_is_read() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return (HEAD + b"x" * size)[:size] if self.given == size else b"x" * size

    stream = Endless()
    reader = BlockReader(stream, block_bytes=4096)
    with pytest.raises(LineTooLong):
        list(reader.blocks())
    assert stream.given <= 3 * 4096


def test_too_many_lines_or_bytes() -> None:
    data = content(*[line()] * 5)
    assert len(rows_of(data, limits=Limits(max_lines=5, max_file_bytes=len(data)))[0]) == 5
    error = refused(data, limits=Limits(max_lines=4))
    assert isinstance(error, TooLarge)
    assert (error.code, error.params) == ("TOO_LARGE", {"what": "lines", "limit": 4})
    error = refused(data, limits=Limits(max_file_bytes=len(data) - 1))
    assert error.params == {"what": "bytes", "limit": len(data) - 1}


# --- against a plain reading -----------------------------------------------------------------------


def plainly(data: bytes) -> list[Row]:
    """The same rules, one line after the other."""
    text = data.removesuffix(b"\x1a").decode("gb18030")
    texts = text.split("\n")[1:]
    texts = [one[:-1] if one.endswith("\r") else one for one in texts]
    while texts and texts[-1] == "":
        texts.pop()
    rows: list[Row] = []
    for one in texts:
        parts = one.split("|")
        if len(parts) != COLUMNS or parts[-1] != "":
            rows.append(raw_row(one))
        elif any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in one):
            kept = {3: "due", 4: "paid", 5: "code", 7: "serial", 8: "debited_on", 9: "ref"}
            good = {name: parts[at] for at, name in kept.items() if is_clean(parts[at])}
            rows.append(raw_row(one, tail="", **good))
        else:
            rows.append(list(parts))
    return rows


odd = st.sampled_from(list("|||\\\r\n\n乗倈·\u3000\u200b\u2028\x1a\x0b𠮷A1\ue81e\u202e"))
texts = st.one_of(
    st.builds(line, clean_text, clean_text),
    st.builds(line, st.text(alphabet=odd, max_size=6)),
    st.text(alphabet=odd, max_size=20),
    st.just(line()),
)


@given(
    st.lists(st.tuples(texts, st.sampled_from(["\r\n", "\r\n", "\n"])), max_size=12),
    st.sampled_from(["", "\x1a", line(), line()[:-3], "\r", "\n"]),
    st.integers(1, 700),
    st.booleans(),
)
def test_blocks_of_any_size_give_the_rows_of_a_plain_reading(
    pieces: list[tuple[str, str]], last: str, block_bytes: int, crlf: bool
) -> None:
    head = HEAD if crlf else HEAD.replace(b"\r", b"")
    data = head + ("".join(text + eol for text, eol in pieces) + last).encode("gb18030")
    rows, reader = rows_of(data, block_bytes=block_bytes)
    assert rows == plainly(data)
    assert reader.lines == len(rows)
    assert reader.faulty_lines == sum(row[0] is None for row in rows)
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    assert reader.content_sha256 == rows_of(data, block_bytes=1 << 19)[1].content_sha256


@given(st.binary(max_size=300), st.integers(1, 400))
def test_arbitrary_bytes_are_read_or_refused_by_name(tail: bytes, block_bytes: int) -> None:
    refusal = None
    rows: list[Row] = []
    try:
        rows, reader = rows_of(HEAD + tail, block_bytes=block_bytes)
    except FileRefused as error:
        refusal = error.code
    assert refusal in (None, "WRONG_ENCODING")
    assert all(len(row) == COLUMNS for row in rows)
    assert refusal or len(rows) == reader.lines


def test_no_plain_byte_can_begin_a_forbidden_character() -> None:
    plain = set(PLAIN_BYTES)
    for number in range(0x110000):
        char = chr(number)
        if unicodedata.category(char) in ("Cc", "Cf"):
            assert char.encode()[0] not in plain, hex(number)
            assert not is_clean(char)
    assert not plain & set(b"|\r\n\t\0\x7f")
