"""The code tables, held against the text of the design's table (bank-files 8.4)."""

import pytest

from payments.files.resultcodes import (
    CODE_SETS,
    FACTS,
    CodeClass,
    CodeRow,
    ResultCode,
    Retry,
    UnknownCodeSet,
    class_of,
    lookup,
    match_code,
    retryable,
)

TABLE = """
OK            | 0000 4000                | 0                     | 90000 | ACSC
PENDING       | 3024 3028                |                       |       | PDNG ACTC ACCP ACSP
NO_FUNDS      | 3008                     | 5 6                   | 24001 | AM04
NO_ACCOUNT    | 3009 3004 3030 3022      | 4 38                  | 24002 | AC01
CLOSED        | 3018 3039                | 9 21                  |       | AC04
BLOCKED       | 3017 3006 3016 3020 3057 | 8 10 11 12 13 14 22 23 |      | AC06
NAME_MISMATCH | 3031 3065                | 37 41                 |       | BE01
ID_MISMATCH   | 3063                     | 42 43                 |       | BE16
NO_MANDATE    | 3043 3045                | 16                    |       | MD01
MANDATE_OFF   | 3046 3047                |                       |       |
ACCT_TYPE     | 3034 3041 3068 3012      | 3 7 18                |       | AG01 AC13
DORMANT       | 3069                     | 17                    |       |
LIMIT         | 3013 3015 3055           |                       |       | AM02 AM14
AMOUNT        | 3040 3014 3042           | 40                    |       | AM09 AM12
DUP           | 3051                     | 65                    |       | AM05
DECEASED      |                          |                       |       | MD07
STOPPED       | 3044 3003                |                       | 3     | MS02
FORMAT        |                          | 63                    | 99004 | FF01
BANK_SYS      | 3059 3066 3071 0397      |                       | 99090 | AB05 AB06 AB07 AB08
REVERSED      | 3019 3029 3056           | 58                    | 1021  | pacs.004 MD06
OTHER         | 3999 3001                |                       | 94999 | NARR MS03
"""
SETS = ("AIPG", "POSTAL", "TIPS", "ISO20022")


def rows_of_the_table() -> list[tuple[str, str, str]]:
    found = []
    for row in TABLE.strip().splitlines():
        internal, *cells = (cell.strip() for cell in row.split("|"))
        found += [
            (name, code, internal) for name, cell in zip(SETS, cells, strict=True) for code in cell.split()
        ]
    return found


@pytest.mark.parametrize(("code_set", "code", "internal"), rows_of_the_table())
def test_the_table(code_set: str, code: str, internal: str) -> None:
    assert lookup(code_set, code) == internal


def test_no_code_beyond_the_table() -> None:
    beyond = {("AIPG", ""), ("ISO20022", "ACWC")}
    shipped = {(name, row.code) for name, rows in CODE_SETS.items() for row in rows}
    assert shipped == {(name, code) for name, code, _internal in rows_of_the_table()} | beyond
    assert lookup("AIPG", "") is ResultCode.PENDING
    assert lookup("ISO20022", "ACWC") is ResultCode.PENDING


@pytest.mark.parametrize(
    ("code_set", "code", "text", "internal"),
    [
        ("TIPS", "24001", "余额不足", "NO_FUNDS"),
        ("TIPS", "24001", "", "NO_FUNDS"),
        ("TIPS", "24001", "超出单日限额", "LIMIT"),
        ("TIPS", "24002", "", "NO_ACCOUNT"),
        ("TIPS", "24002", "账号户名不符", "NAME_MISMATCH"),
        ("TIPS", "24002", "账户已销户", "CLOSED"),
        ("TIPS", "24002", "已清户", "CLOSED"),
        ("TIPS", "24002", "账户已冻结", "BLOCKED"),
        ("TIPS", "24002", "卡已挂失", "BLOCKED"),
        ("TIPS", "24002", "账户状态异常", "BLOCKED"),
        ("TIPS", "24002", "户名不符，已冻结", "NAME_MISMATCH"),
        ("POSTAL", "12", "缴费人拒付", "STOPPED"),
        ("POSTAL", "12", "账户止付", "BLOCKED"),
        ("ISO20022", "BE01", "证件号码不符", "ID_MISMATCH"),
        ("ISO20022", "MD01", "协议已撤销", "MANDATE_OFF"),
        ("ISO20022", "AC06", "长期不动户", "DORMANT"),
        ("ISO20022", "MS03", "系统故障", "BANK_SYS"),
    ],
)
def test_the_text_decides_where_a_code_has_several_causes(
    code_set: str, code: str, text: str, internal: str
) -> None:
    assert lookup(code_set, code, text) == internal


@pytest.mark.parametrize("code", ["Z9", " 0000", "0000 ", "０000", "24001", "00000"])
def test_a_code_outside_the_table_is_unknown_and_never_success(code: str) -> None:
    assert lookup("AIPG", code, "交易成功") is None
    assert class_of(lookup("AIPG", code)) is CodeClass.PENDING


def test_unknown_code_set() -> None:
    with pytest.raises(UnknownCodeSet) as caught:
        lookup("NOPE", "0000")
    assert caught.value.code == "UNKNOWN_CODE_SET"


def test_classes_and_retry() -> None:
    by_class = {code: class_of(code) for code in ResultCode}
    assert [code for code in by_class if by_class[code] is CodeClass.OK] == [ResultCode.OK]
    assert [code for code in by_class if by_class[code] is CodeClass.PENDING] == [ResultCode.PENDING]
    assert [code for code in by_class if by_class[code] is CodeClass.REVERSED] == [ResultCode.REVERSED]
    assert {code for code in ResultCode if retryable(code)} == {"NO_FUNDS", "LIMIT", "BANK_SYS"}
    assert FACTS[ResultCode.PENDING].retry is Retry.ASK
    assert FACTS.keys() == set(ResultCode)
    assert all(facts.meaning_zh and facts.text_zh and facts.action for facts in FACTS.values())


def test_rows_of_a_region_win_by_priority_not_by_place() -> None:
    rows = [
        CodeRow("77", "", ResultCode.OTHER, 100),
        CodeRow("77", "限额", ResultCode.LIMIT, 20),
        CodeRow("77", "余额", ResultCode.NO_FUNDS, 10),
    ]
    assert match_code(rows, "77", "余额或限额") is ResultCode.NO_FUNDS
    assert match_code(reversed(rows), "77", "限额") is ResultCode.LIMIT
    assert match_code(rows, "77", "?") is ResultCode.OTHER
    assert match_code(rows, "78", "余额") is None


def test_priorities_leave_no_doubt() -> None:
    for rows in CODE_SETS.values():
        keys = [(row.code, row.priority) for row in rows]
        assert len(keys) == len(set(keys))
