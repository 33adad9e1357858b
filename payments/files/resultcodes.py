"""What banks answer: their codes, what they mean here, and what follows (design: bank-files 8.4).

A bank profile names one code set. One code may hold several causes (TIPS 24002), so a row may also ask for
words in the bank's text; rows are tried by priority. A code that no row knows is no answer: the line stays
PENDING and a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bureau.errors import BureauError, gettext_noop


class ResultCode(StrEnum):
    """The internal codes of the bureau."""

    OK = "OK"
    PENDING = "PENDING"
    NO_FUNDS = "NO_FUNDS"
    NO_ACCOUNT = "NO_ACCOUNT"
    CLOSED = "CLOSED"
    BLOCKED = "BLOCKED"
    NAME_MISMATCH = "NAME_MISMATCH"
    ID_MISMATCH = "ID_MISMATCH"
    NO_MANDATE = "NO_MANDATE"
    MANDATE_OFF = "MANDATE_OFF"
    ACCT_TYPE = "ACCT_TYPE"
    DORMANT = "DORMANT"
    LIMIT = "LIMIT"
    AMOUNT = "AMOUNT"
    DUP = "DUP"
    DECEASED = "DECEASED"
    STOPPED = "STOPPED"
    FORMAT = "FORMAT"
    BANK_SYS = "BANK_SYS"
    REVERSED = "REVERSED"
    OTHER = "OTHER"


class CodeClass(StrEnum):
    """What a code does to an instruction: money, nothing yet, money back, or no money."""

    OK = "OK"
    PENDING = "PENDING"
    REVERSED = "REVERSED"
    DECLINED = "DECLINED"


class Retry(StrEnum):
    """Whether the same debit may be presented again (column "retry")."""

    NONE = "NONE"
    YES = "YES"
    NO = "NO"
    ASK = "ASK"
    FIX_FILE = "FIX_FILE"
    LOOK = "LOOK"


class UnknownCodeSet(BureauError):
    """A bank profile names a code set that does not exist."""

    code = "UNKNOWN_CODE_SET"
    message = gettext_noop("There is no code set %(code_set)s.")


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """An internal code: its meaning and usual bank text in Chinese, whether to retry, and what to do."""

    code: ResultCode
    meaning_zh: str
    text_zh: str
    retry: Retry
    action: str


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A bank's code. `text_pattern` is plain words looked for in the bank's text ("" fits every text);
    the row with the smallest `priority` that fits wins. `assumed` marks rows that no source confirms."""

    code: str
    text_pattern: str
    internal: ResultCode
    priority: int
    assumed: bool = False


_C = ResultCode
_FACTS = (
    CodeFacts(_C.OK, "扣款成功", "交易成功", Retry.NONE, gettext_noop("Post the payment.")),
    CodeFacts(_C.PENDING, "尚无最终结果", "处理中", Retry.ASK, gettext_noop("Ask the bank; the hold stays.")),
    CodeFacts(
        _C.NO_FUNDS,
        "余额不足",
        "余额不足",
        Retry.YES,
        gettext_noop("Text message; the next run tries again."),
    ),
    CodeFacts(
        _C.NO_ACCOUNT, "账户不存在/账号错误", "无此账户", Retry.NO, gettext_noop("Ask for a new account.")
    ),
    CodeFacts(_C.CLOSED, "已销户", "已清户", Retry.NO, gettext_noop("Ask for a new account.")),
    CodeFacts(
        _C.BLOCKED,
        "冻结/挂失/止付/状态异常",
        "账户已冻结",
        Retry.NO,
        gettext_noop("Send the payer to the bank."),
    ),
    CodeFacts(
        _C.NAME_MISMATCH, "户名不符", "账号户名不符", Retry.NO, gettext_noop("Correct the holder's name.")
    ),
    CodeFacts(
        _C.ID_MISMATCH, "证件不符", "证件类型和证件号错误", Retry.NO, gettext_noop("Correct the ID number.")
    ),
    CodeFacts(
        _C.NO_MANDATE,
        "未签约/协议不存在",
        "未与银行签约",
        Retry.NO,
        gettext_noop("Let the payer sign a mandate."),
    ),
    CodeFacts(
        _C.MANDATE_OFF, "协议撤销/未生效", "合同号已撤销", Retry.NO, gettext_noop("Let the payer sign again.")
    ),
    CodeFacts(
        _C.ACCT_TYPE, "账户类型不支持", "非个人活期结算户", Retry.NO, gettext_noop("Ask for another card.")
    ),
    CodeFacts(
        _C.DORMANT,
        "长期不动户",
        "长期不动户",
        Retry.NO,
        gettext_noop("The payer wakes the account at the bank counter."),
    ),
    CodeFacts(_C.LIMIT, "超限额", "超出提款限额", Retry.YES, gettext_noop("The next run tries again.")),
    CodeFacts(_C.AMOUNT, "金额错误", "金额错误", Retry.NO, gettext_noop("Ask the technicians.")),
    CodeFacts(_C.DUP, "重复业务", "重复业务", Retry.NO, gettext_noop("Check the first debit.")),
    CodeFacts(
        _C.DECEASED, "死亡", "账户持有人死亡", Retry.NO, gettext_noop("Check for a death; stop debits.")
    ),
    CodeFacts(_C.STOPPED, "缴费人拒付/止付", "超时拒付", Retry.NO, gettext_noop("Contact the payer.")),
    CodeFacts(_C.FORMAT, "文件/报文错", "文件格式错误", Retry.FIX_FILE, gettext_noop("Ask the technicians.")),
    CodeFacts(
        _C.BANK_SYS, "银行系统故障/通讯", "通讯失败", Retry.YES, gettext_noop("The next run tries again.")
    ),
    CodeFacts(
        _C.REVERSED,
        "已冲正/退票",
        "退票",
        Retry.NONE,
        gettext_noop("Reopen what is due; compute cover again."),
    ),
    CodeFacts(_C.OTHER, "其它错误", "其它错误", Retry.LOOK, gettext_noop("A person looks.")),
)
FACTS: dict[ResultCode, CodeFacts] = {facts.code: facts for facts in _FACTS}


def class_of(code: ResultCode | None) -> CodeClass:
    """What a code does. None, an unknown code, is PENDING: never success, never a release."""
    if code in (ResultCode.OK, ResultCode.PENDING, ResultCode.REVERSED):
        return CodeClass(code)
    return CodeClass.PENDING if code is None else CodeClass.DECLINED


def retryable(code: ResultCode) -> bool:
    """True for NO_FUNDS, LIMIT and BANK_SYS only: the next run may try again, with a new reference."""
    return FACTS[code].retry is Retry.YES


_PLAIN = 100


def _plain(table: dict[ResultCode, str]) -> list[CodeRow]:
    return [
        CodeRow(code, "", internal, _PLAIN) for internal, codes in table.items() for code in codes.split()
    ]


def _worded(
    code: str, words: str, internal: ResultCode, priority: int, *, assumed: bool = False
) -> list[CodeRow]:
    return [
        CodeRow(code, word, internal, priority + place, assumed)
        for place, word in enumerate(words.split("|"))
    ]


_AIPG = [
    *_plain(
        {
            _C.OK: "0000 4000",
            _C.PENDING: "3024 3028",
            _C.NO_FUNDS: "3008",
            _C.NO_ACCOUNT: "3009 3004 3030 3022",
            _C.CLOSED: "3018 3039",
            _C.BLOCKED: "3017 3006 3016 3020 3057",
            _C.NAME_MISMATCH: "3031 3065",
            _C.ID_MISMATCH: "3063",
            _C.NO_MANDATE: "3043 3045",
            _C.MANDATE_OFF: "3046 3047",
            _C.ACCT_TYPE: "3034 3041 3068 3012",
            _C.DORMANT: "3069",
            _C.LIMIT: "3013 3015 3055",
            _C.AMOUNT: "3040 3014 3042",
            _C.DUP: "3051",
            _C.STOPPED: "3044 3003",
            _C.BANK_SYS: "3059 3066 3071 0397",
            _C.REVERSED: "3019 3029 3056",
            _C.OTHER: "3999 3001",
        }
    ),
    CodeRow("", "", _C.PENDING, _PLAIN),
]

_POSTAL = [
    *_plain(
        {
            _C.OK: "0",
            _C.NO_FUNDS: "5 6",
            _C.NO_ACCOUNT: "4 38",
            _C.CLOSED: "9 21",
            _C.BLOCKED: "8 10 11 12 13 14 22 23",
            _C.NAME_MISMATCH: "37 41",
            _C.ID_MISMATCH: "42 43",
            _C.NO_MANDATE: "16",
            _C.ACCT_TYPE: "3 7 18",
            _C.DORMANT: "17",
            _C.AMOUNT: "40",
            _C.DUP: "65",
            _C.FORMAT: "63",
            _C.REVERSED: "58",
        }
    ),
    # 12 stands for a stopped account and for a payer who refuses; only the text tells them apart.
    *_worded("12", "拒付|缴费人", _C.STOPPED, 10, assumed=True),
]

_TIPS = [
    *_plain({_C.OK: "90000", _C.FORMAT: "99004", _C.BANK_SYS: "99090", _C.REVERSED: "1021"}),
    *_worded("24001", "余额|不足", _C.NO_FUNDS, 10),
    *_worded("24001", "限额", _C.LIMIT, 20, assumed=True),
    *_worded("24001", "户名", _C.NAME_MISMATCH, 30, assumed=True),
    *_worded("24001", "销户|清户", _C.CLOSED, 40, assumed=True),
    *_worded("24001", "冻结|挂失|止付|状态", _C.BLOCKED, 50, assumed=True),
    CodeRow("24001", "", _C.NO_FUNDS, _PLAIN),
    *_worded("24002", "户名", _C.NAME_MISMATCH, 10),
    *_worded("24002", "销户|清户", _C.CLOSED, 20),
    *_worded("24002", "冻结|挂失|止付|状态", _C.BLOCKED, 30),
    CodeRow("24002", "", _C.NO_ACCOUNT, _PLAIN),
    CodeRow("3", "", _C.STOPPED, _PLAIN, assumed=True),
    CodeRow("94999", "", _C.OTHER, _PLAIN, assumed=True),
]

_ISO20022 = [
    *_plain(
        {
            _C.OK: "ACSC",
            _C.PENDING: "PDNG ACTC ACCP ACSP ACWC",
            _C.NO_FUNDS: "AM04",
            _C.NO_ACCOUNT: "AC01",
            _C.CLOSED: "AC04",
            _C.BLOCKED: "AC06",
            _C.NAME_MISMATCH: "BE01",
            _C.NO_MANDATE: "MD01",
            _C.ACCT_TYPE: "AG01 AC13",
            _C.LIMIT: "AM02 AM14",
            _C.AMOUNT: "AM09 AM12",
            _C.DUP: "AM05",
            _C.DECEASED: "MD07",
            _C.STOPPED: "MS02",
            _C.FORMAT: "FF01",
            _C.BANK_SYS: "AB05 AB06 AB07 AB08",
            _C.REVERSED: "MD06 pacs.004",
            _C.OTHER: "NARR",
        }
    ),
    *_worded("AC06", "不动户|休眠|睡眠", _C.DORMANT, 10),
    *_worded("BE01", "证件", _C.ID_MISMATCH, 10),
    CodeRow("BE16", "", _C.ID_MISMATCH, _PLAIN, assumed=True),
    *_worded("MD01", "撤销|终止|未生效|失效", _C.MANDATE_OFF, 10, assumed=True),
    # MS03 is "not specified": a failure of the bank's systems, worth another try, only by its text.
    *_worded("MS03", "系统|通讯|通信|超时|故障", _C.BANK_SYS, 10),
    CodeRow("MS03", "", _C.OTHER, _PLAIN),
]

CODE_SETS: dict[str, tuple[CodeRow, ...]] = {
    "AIPG": tuple(_AIPG),
    "POSTAL": tuple(_POSTAL),
    "TIPS": tuple(_TIPS),
    "ISO20022": tuple(_ISO20022),
}
"""The tables that ship with the project; a region may keep its own rows in the database."""


def match_code(rows: Iterable[CodeRow], code: str, text: str) -> ResultCode | None:
    """The internal code for a bank's code and text by the given rows; None when the code is in none of them.

    The code is compared as it stands: banks do not pad it, and a padded one is a changed layout.
    """
    fitting = [row for row in rows if row.code == code and row.text_pattern in text]
    return min(fitting, key=lambda row: row.priority).internal if fitting else None


def lookup(code_set: str, code: str, text: str = "") -> ResultCode | None:
    """The internal code by a shipped code set, None for an unknown code. Raises UnknownCodeSet."""
    try:
        rows = CODE_SETS[code_set]
    except KeyError:
        raise UnknownCodeSet(code_set=code_set) from None
    return match_code(rows, code, text)
