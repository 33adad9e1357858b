"""ID numbers of every kind, masking, and the comparison of holder names."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from bureau import identity
from bureau.identity import (
    CERT_TYPES,
    WARNING_TEXTS,
    IdChange,
    IdFacts,
    IdWarning,
    check_digit,
    check_id,
    check_id18,
    fold_name,
    mask_account,
    mask_id,
    mask_name,
    normalize_id,
    normalize_id_changes,
    private_use_twins,
    to_15,
    to_18,
)
from bureau.names import BLANKS, MIDDLE_DOT, MIDDLE_DOTS

GOOD = "11010519491231002X"
REGIONS = ("110101", "110105", "310101")  # the oracle knows these without years
BIRTHS = st.dates(min_value=date(1900, 1, 1), max_value=date(2030, 12, 31))
ORDERS = st.integers(min_value=0, max_value=999)


def number_of(region: str, birth: date, order: int) -> str:
    body = f"{region}{birth:%Y%m%d}{order:03d}"
    return body + check_digit(body)


# --- resident numbers ---


@pytest.mark.parametrize(
    ("number", "birth", "sex", "region"),
    [
        ("11010519491231002X", date(1949, 12, 31), "2", "110105"),
        ("360426199101010071", date(1991, 1, 1), "1", "360426"),
        ("110105200002290021", date(2000, 2, 29), "2", "110105"),
        ("510104202501010036", date(2025, 1, 1), "1", "510104"),
        ("450802199008150013", date(1990, 8, 15), "1", "450802"),
    ],
)
def test_resident_numbers_that_pass(number: str, birth: date, sex: str, region: str) -> None:
    assert check_id("01", number) == IdFacts(number, birth, sex, region)
    assert check_id("01", number, strict=True) == check_id("01", number)


@pytest.mark.parametrize(
    ("id_type", "number", "birth", "sex", "region"),
    [
        ("04", "810000199408230021", date(1994, 8, 23), "2", "810000"),
        ("06", "830000199201300022", date(1992, 1, 30), "2", "830000"),
        ("07", "911124198108030024", date(1981, 8, 3), "2", "110000"),
    ],
)
def test_cards_in_the_same_frame(id_type: str, number: str, birth: date, sex: str, region: str) -> None:
    assert check_id(id_type, number) == IdFacts(number, birth, sex, region)


@pytest.mark.parametrize(
    ("number", "warning"),
    [
        ("810000199408230021", IdWarning.RESIDENCE_PERMIT),
        ("830000199201300022", IdWarning.RESIDENCE_PERMIT),
        ("911124198108030024", IdWarning.FOREIGNER_CARD),
    ],
)
def test_such_a_card_registered_as_an_identity_card_is_pointed_out(number: str, warning: IdWarning) -> None:
    assert check_id("01", number).warnings == (warning,)


@pytest.mark.parametrize(
    ("number", "error", "code"),
    [
        ("510104190002290015", identity.IdBirthDate, "id_birth_date"),
        ("450802199008150014", identity.IdCheckDigit, "id_check_digit"),
        ("11010519491331002X", identity.IdBirthDate, "id_birth_date"),
        ("110105194912310020", identity.IdCheckDigit, "id_check_digit"),
        ("1101051949123100", identity.IdLength, "id_length"),
        ("11010519491231002XX", identity.IdLength, "id_length"),
        ("1101051949123100X2", identity.IdCharacters, "id_characters"),
        ("11010519491231O02X", identity.IdCharacters, "id_characters"),
        ("110105 1949123002X", identity.IdCharacters, "id_characters"),
        ("1101051949123100٢X", identity.IdCharacters, "id_characters"),
        ("1101051949123100²X", identity.IdCharacters, "id_characters"),
        ("11010549123100X", identity.IdCharacters, "id_characters"),
        ("110105491331002", identity.IdBirthDate, "id_birth_date"),
        ("110105000229002", identity.IdBirthDate, "id_birth_date"),  # 1900 had no 29 February
        ("", identity.IdEmpty, "id_empty"),
        ("  ", identity.IdEmpty, "id_empty"),
    ],
)
def test_resident_numbers_that_fail(number: str, error: type[identity.IdNumberError], code: str) -> None:
    with pytest.raises(error) as caught:
        check_id("01", number)
    assert caught.value.code == code
    assert number.strip() == "" or number not in repr(caught.value)


def test_the_date_is_wrong_although_the_check_digit_is_right() -> None:
    assert check_digit("51010419000229001") == "5"
    with pytest.raises(identity.IdBirthDate):
        check_id18("510104190002290015")


def test_an_old_number_is_not_a_number_of_18() -> None:
    with pytest.raises(identity.IdLength) as caught:
        check_id18("110105491231002")
    assert caught.value.params == {"length": 15}


def test_births_before_there_could_be_an_id_are_refused() -> None:
    assert check_id("01", number_of("110105", date(1880, 5, 1), 1)).birth == date(1880, 5, 1)
    with pytest.raises(identity.IdBirthDate):
        check_id("01", number_of("110105", date(1849, 12, 31), 1))


def test_a_future_birth_is_refused_only_when_the_day_is_told() -> None:
    born = number_of("510104", date(2025, 1, 2), 3)
    assert check_id("01", born).birth == date(2025, 1, 2)
    assert check_id("01", born, today=date(2025, 1, 2)).birth == date(2025, 1, 2)
    with pytest.raises(identity.IdBirthFuture) as caught:
        check_id("01", born, today=date(2025, 1, 1))
    assert caught.value.code == "id_birth_future"


def test_an_unknown_region_is_a_warning() -> None:
    nowhere = number_of("170101", date(1990, 1, 1), 1)
    assert check_id("01", nowhere).warnings == (IdWarning.UNKNOWN_REGION,)
    assert check_id("01", GOOD, known_regions={"450802"}).warnings == (IdWarning.UNKNOWN_REGION,)
    assert check_id("01", GOOD, known_regions={"110105"}).warnings == ()


@pytest.mark.parametrize("number", ["810000199408230021", "911124198108030024"])
def test_card_prefixes_are_no_regions_to_be_known(number: str) -> None:
    assert check_id18(number, known_regions=set()).warnings == ()


# --- against another implementation ---


@settings(deadline=None)  # the oracle loads its region table on first use
@given(st.sampled_from(REGIONS), BIRTHS, ORDERS)
def test_every_number_we_make_passes_both(region: str, birth: date, order: int) -> None:
    number = number_of(region, birth, order)
    assert ric.is_valid(number)
    assert check_digit(number[:17]) == ric.calc_check_digit(number)
    facts = check_id("01", number)
    assert (facts.birth, facts.region_code, facts.warnings) == (ric.get_birth_date(number), region, ())
    assert facts.sex == ("1" if order % 2 else "2")


@settings(deadline=None)
@given(
    st.sampled_from(REGIONS),
    st.integers(min_value=1900, max_value=2030),
    st.integers(min_value=0, max_value=13),
    st.integers(min_value=0, max_value=32),
    ORDERS,
    st.sampled_from("0123456789Xx"),
    st.booleans(),
)
def test_both_agree_on_any_18_places(
    region: str, year: int, month: int, day: int, order: int, last: str, repaired: bool
) -> None:
    body = f"{region}{year}{month:02d}{day:02d}{order:03d}"
    number = body + (check_digit(body) if repaired else last)
    try:
        ours = check_id("01", number).number
    except identity.IdNumberError:
        ours = ""
    assert (ours != "") == ric.is_valid(number)
    assert ours == "" or ours == ric.compact(number)


@given(
    st.sampled_from(REGIONS),
    BIRTHS,
    ORDERS,
    st.integers(min_value=0, max_value=17),
    st.sampled_from("0123456789"),
)
def test_one_wrong_place_is_always_noticed(
    region: str, birth: date, order: int, place: int, digit: str
) -> None:
    number = number_of(region, birth, order)
    assume(number[place] != digit)
    with pytest.raises(identity.IdNumberError):
        check_id18(number[:place] + digit + number[place + 1 :])


@given(st.sampled_from(REGIONS), BIRTHS, ORDERS, st.integers(min_value=0, max_value=16))
def test_two_neighbours_exchanged_are_always_noticed(
    region: str, birth: date, order: int, place: int
) -> None:
    number = number_of(region, birth, order)
    assume(number[place] != number[place + 1])
    with pytest.raises(identity.IdNumberError):
        check_id18(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(st.sampled_from(sorted(CERT_TYPES)), st.text(max_size=40), st.booleans())
def test_any_text_is_accepted_or_refused_by_name(id_type: str, text: str, strict: bool) -> None:
    try:
        facts = check_id(id_type, text, strict=strict)
    except identity.IdNumberError:
        return
    assert 4 <= len(facts.number) <= 30
    assert facts.number == normalize_id(facts.number)
    assert "|" not in facts.number


# --- old numbers ---


def test_an_old_number_is_converted_and_kept_as_alias() -> None:
    assert to_18("110105491231002") == GOOD
    assert check_id("01", "110105491231002") == IdFacts(
        GOOD, date(1949, 12, 31), "2", "110105", alias="110105491231002", warnings=(IdWarning.OLD_NUMBER,)
    )


@given(st.sampled_from(REGIONS), st.dates(min_value=date(1900, 1, 1), max_value=date(1999, 12, 31)), ORDERS)
def test_old_and_new_numbers_go_round(region: str, birth: date, order: int) -> None:
    number = number_of(region, birth, order)
    old = to_15(number)
    assert len(old) == 15
    assert to_18(old) == number
    facts = check_id("01", old)
    assert (facts.number, facts.alias, facts.birth) == (number, old, birth)


@pytest.mark.parametrize(
    "number", ["110105200002290021", "810000199408230021", "911124198108030024", "abc", ""]
)
def test_other_numbers_have_no_old_form(number: str) -> None:
    assert to_15(number) == ""


@pytest.mark.parametrize("order", ["996", "997", "998", "999"])
def test_the_orders_of_centenarians_leave_the_century_open(order: str) -> None:
    facts = check_id("01", f"110105100101{order}")
    assert facts.warnings == (IdWarning.OLD_NUMBER, IdWarning.CENTURY_UNKNOWN)
    assert facts.birth == date(1910, 1, 1)


@pytest.mark.parametrize(
    ("old", "error"), [("11010549123100", identity.IdLength), ("11010549123100X", identity.IdCharacters)]
)
def test_only_15_digits_are_converted(old: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        to_18(old)


# --- normalising ---


@pytest.mark.parametrize(
    ("text", "number", "changes"),
    [
        (GOOD, GOOD, ()),
        ("11010519491231002x", GOOD, (IdChange.UPPER,)),
        (" 11010519491231002X\t", GOOD, (IdChange.TRIMMED,)),
        ("\u300011010519491231002X", GOOD, (IdChange.TRIMMED,)),
        ("１１０１０５１９４９１２３１００２Ｘ", GOOD, (IdChange.FULL_WIDTH,)),
        (
            " １１０１０５１９４９１２３１００２ｘ ",
            GOOD,
            (IdChange.TRIMMED, IdChange.FULL_WIDTH, IdChange.UPPER),
        ),
        ("²٣①", "²٣①", ()),
    ],
)
def test_normalising_says_what_it_changed(text: str, number: str, changes: tuple[IdChange, ...]) -> None:
    assert normalize_id_changes(text) == (number, changes)
    assert normalize_id(text) == number


@given(st.text(max_size=30))
def test_normalising_twice_is_once(text: str) -> None:
    once = normalize_id(text)
    assert normalize_id_changes(once)[0] == once


def test_the_facts_tell_what_was_normalised() -> None:
    facts = check_id("01", " １１０１０５１９４９１２３１００２ｘ ")
    assert facts.number == GOOD
    assert facts.changes == (IdChange.TRIMMED, IdChange.FULL_WIDTH, IdChange.UPPER)


def test_bank_lines_are_read_strictly() -> None:
    assert check_id("01", " 11010519491231002x ", strict=True).number == GOOD
    with pytest.raises(identity.IdFullWidth) as wide:
        check_id("01", "１1010519491231002X", strict=True)
    assert wide.value.code == "id_full_width"
    with pytest.raises(identity.IdOldNumber) as old:
        check_id("01", "110105491231002", strict=True)
    assert old.value.code == "id_old_number"


# --- the other certificates ---


def test_the_table_of_certificates_is_the_platform_s() -> None:
    plain = [f"{n:02d}" for n in range(1, 16)]
    assert set(CERT_TYPES) == {*plain, "90", "99", "990201"}
    assert CERT_TYPES["01"].zh == "居民身份证(户口簿)"
    assert CERT_TYPES["990201"].zh == "医学出生证明"
    assert all(name.en.isascii() and name.zh for name in CERT_TYPES.values())


def test_an_unknown_type_has_a_name() -> None:
    with pytest.raises(identity.IdTypeUnknown) as caught:
        check_id("16", GOOD)
    assert str(caught.value) == "There is no certificate type 16."


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("02", "军字第01234567号"),
        ("03", "武字第1234567号"),
        ("04", "H1234567801"),
        ("04", "K12345678"),
        ("05", "M12345678"),
        ("05", "MA1234567"),
        ("06", "12345678"),
        ("06", "0123456789(B)"),
        ("07", "USA110065012301"),
        ("08", "E12345678"),
        ("10", "桂军属0012"),
        ("12", "ZJ2025-0001"),
        ("90", "A12345678"),
        ("99", "X-2025/17"),
        ("990201", "P450123456"),
    ],
)
def test_usual_numbers_of_other_certificates(id_type: str, number: str) -> None:
    assert check_id(id_type, number) == IdFacts(number)


@pytest.mark.parametrize(
    ("id_type", "number"),
    [("02", "123456"), ("04", "12345678"), ("08", "AB-123456"), ("09", "45080012"), ("990201", "4501234567")],
)
def test_unusual_numbers_pass_with_a_warning(id_type: str, number: str) -> None:
    assert check_id(id_type, number) == IdFacts(number, warnings=(IdWarning.UNUSUAL_FORMAT,))


@pytest.mark.parametrize("id_type", sorted(set(CERT_TYPES) - {"01"}))
@pytest.mark.parametrize(
    "number", ["abc", "A" * 31, "P4501|3456", "P4501 3456", "=1+12345", "P45012345\u202e", "<b>12345"]
)
def test_impossible_numbers_are_refused(id_type: str, number: str) -> None:
    with pytest.raises(identity.IdFormat) as caught:
        check_id(id_type, number)
    assert caught.value.code == "id_format"


@pytest.mark.parametrize(
    ("id_type", "number"), [("04", GOOD), ("06", GOOD), ("07", GOOD), ("07", "810000199408230021")]
)
def test_a_resident_number_is_no_travel_permit(id_type: str, number: str) -> None:
    with pytest.raises(identity.IdFormat):
        check_id(id_type, number)


@pytest.mark.parametrize("id_type", ["04", "05", "06"])
def test_a_residence_permit_is_checked_in_full(id_type: str) -> None:
    assert check_id(id_type, "810000199408230021").birth == date(1994, 8, 23)
    with pytest.raises(identity.IdCheckDigit):
        check_id(id_type, "810000199408230022")


def test_a_disability_certificate_holds_an_id_number() -> None:
    facts = check_id("09", GOOD.lower() + "34b1")
    assert (facts.number, facts.birth, facts.sex, facts.region_code) == (
        GOOD + "34B1",
        date(1949, 12, 31),
        "2",
        "110105",
    )
    with pytest.raises(identity.IdCheckDigit):
        check_id("09", "110105194912310020" + "34")


def test_a_social_security_number_is_an_id_number() -> None:
    assert check_id("90", GOOD).birth == date(1949, 12, 31)
    with pytest.raises(identity.IdCheckDigit):
        check_id("90", "110105194912310020")


def test_every_warning_has_a_sentence() -> None:
    assert set(WARNING_TEXTS) == set(IdWarning)
    assert all(text.endswith(".") for text in WARNING_TEXTS.values())


# --- masking ---


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (GOOD, "110105********002X"),
        ("110105491231002", "110105******002"),
        (GOOD + "34", "110105**********2X34"),
        ("E12345678", "E1*****78"),
        ("P450123456", "P4******56"),
        ("ABCD", "A**D"),
        ("ABC", "***"),
        ("", ""),
    ],
)
def test_masked_numbers(number: str, masked: str) -> None:
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("account", "masked"),
    [
        ("6228480402564890011", "6228****0011"),
        ("6228 4804 0256 4890 011", "6228****0011"),
        ("450801000011", "4508****0011"),
        ("12345678901", "****8901"),
        ("1234567", "****"),
        ("", ""),
    ],
)
def test_masked_accounts(account: str, masked: str) -> None:
    assert mask_account(account) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("欧阳娜娜", "欧***"),
        ("张", "张"),
        ("𠮷田", "𠮷*"),
        ("阿不都·热合曼", "阿**·***"),
        ("迪丽热巴•迪力木拉提", "迪***•*****"),
        ("JOHN SMITH", "J*** *****"),
        ("", ""),
    ],
)
def test_masked_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.sampled_from(REGIONS), BIRTHS, ORDERS)
def test_a_masked_number_never_shows_the_birth_date(region: str, birth: date, order: int) -> None:
    number = number_of(region, birth, order)
    masked = mask_id(number)
    assert (len(masked), masked[6:14]) == (18, "********")
    assert (masked[:6], masked[14:]) == (region, number[14:])


# --- holder names ---


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("阿不都·热合曼", "阿不都•热合曼"),
        ("阿不都·热合曼", "阿不都・热合曼"),
        ("阿不都·热合曼", "阿不都･热合曼"),
        ("阿不都·热合曼", "阿不都‧热合曼"),
        ("阿不都·热合曼", " 阿不都 ·　热合曼"),
        ("张三", "张\u3000三 "),
        ("ＡＢＣ", "ABC"),
        ("张三(小)", "张三（小）"),
        ("龙\ue81e", "龙\u9fb4"),
        ("王\ue816", "王\U00020087"),
        ("金\uf90a", "金\u91d1"),
    ],
)
def test_names_written_differently_are_the_same(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("张三", "张叁"), ("王䶮", "王龑"), ("𠮷田", "吉田"), ("李·四", "李四"), ("Abc", "ABC")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


# GB 18030-2022 gives these two-byte codes to these characters.
CODES_OF_2022 = {
    "A8BC": 0x1E3F,
    "A6D9": 0xFE10,
    "A6DA": 0xFE12,
    "A6DB": 0xFE11,
    "A6DC": 0xFE13,
    "A6DD": 0xFE14,
    "A6DE": 0xFE15,
    "A6DF": 0xFE16,
    "A6EC": 0xFE17,
    "A6ED": 0xFE18,
    "A6F3": 0xFE19,
    "FE51": 0x20087,
    "FE52": 0x20089,
    "FE53": 0x200CC,
    "FE59": 0x9FB4,
    "FE61": 0x9FB5,
    "FE66": 0x9FB6,
    "FE67": 0x9FB7,
    "FE6C": 0x215D7,
    "FE6D": 0x9FB8,
    "FE76": 0x2298F,
    "FE7E": 0x9FB9,
    "FE90": 0x9FBA,
    "FE91": 0x241FE,
    "FEA0": 0x9FBB,
}


@pytest.mark.parametrize(("code", "point"), CODES_OF_2022.items())
def test_a_two_byte_code_and_the_real_character_fold_to_one(code: str, point: int) -> None:
    decoded, real = bytes.fromhex(code).decode("gb18030"), chr(point)
    assert private_use_twins().get(decoded, decoded) == real
    assert fold_name(f"王{decoded}") == fold_name(f"王{real}") == "王" + unicodedata.normalize("NFKC", real)
    sent = f"王{real}".encode("gb18030")
    assert fold_name(sent.decode("gb18030")) == fold_name(f"王{decoded}")


def test_the_table_of_twins_has_these_codes_and_no_others() -> None:
    twins = private_use_twins()
    assert sorted(twins.values()) == sorted(map(chr, CODES_OF_2022.values()))
    assert len(twins) == len(CODES_OF_2022) == 25
    assert all(0xE000 <= ord(private) <= 0xF8FF for private in twins)
    assert not twins.keys() & set(twins.values())


def test_blanks_are_all_the_blanks_there_are() -> None:
    assert set(BLANKS) == {chr(point) for point in range(0x110000) if chr(point).isspace()}


NAME_CHARACTERS = st.one_of(
    st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2FA1D),
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E),
    st.sampled_from(BLANKS + MIDDLE_DOTS),
    st.sampled_from(sorted(private_use_twins())),
)


@given(st.text(alphabet=NAME_CHARACTERS))
def test_a_folded_name_has_no_blank_no_other_dot_and_no_twin(name: str) -> None:
    folded = fold_name(name)
    assert fold_name(folded) == folded
    assert not any(char.isspace() for char in folded)
    assert not set(folded) & (set(MIDDLE_DOTS) - {MIDDLE_DOT})
    assert not set(folded) & private_use_twins().keys()


@given(st.text(alphabet=NAME_CHARACTERS), st.sampled_from(BLANKS), st.integers(min_value=0))
def test_a_blank_anywhere_changes_nothing(name: str, blank: str, place: int) -> None:
    place %= len(name) + 1
    assert fold_name(name[:place] + blank + name[place:]) == fold_name(name)
