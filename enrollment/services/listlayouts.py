"""The columns of each kind of list, and how a row of it becomes what is staged, or a fault (domain.md 2.3; reliability 4b)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from bureau.errors import BureauError, gettext_noop
from bureau.identity import CERT_TYPES, RESIDENT, IdNumberError, check_id, mask_id, mask_name
from bureau.sheets.columns import (
    Column,
    Layout,
    anything,
    choice,
    day,
    digits,
    month,
    text,
    yuan,
)
from bureau.sheets.rows import Row
from enrollment.models import Category, Issuer, ListKind, PersonClass, Relation
from enrollment.pinyin import initials
from enrollment.services import identities
from enrollment.services.identities import (
    BirthDateDiffers,
    BirthDateFuture,
    BirthDateMissing,
    PersonNameCharacters,
    PersonNameLong,
    PersonNameMissing,
    identify,
    plain_name,
)


class SexDiffers(BureauError):
    """The sex in its column is not the one inside the ID number."""

    code = "PERSON_SEX_DIFFERS"
    message = gettext_noop("The sex is not the one inside the ID number.")


class CategoryNotIssuers(BureauError):
    """Each body recognises its own categories."""

    code = "CATEGORY_NOT_ISSUERS"
    message = gettext_noop("This category is not one of those that the issuing body recognises: %(choices)s.")


class NotInYourRegion(BureauError):
    """The line names another region than the list's; whether anybody is known there is not told."""

    code = "NOT_IN_YOUR_REGION"
    message = gettext_noop("This line does not belong to your region.")


class DeathInFuture(BureauError):
    """A date of death after today."""

    code = "DEATH_IN_FUTURE"
    message = gettext_noop("The date of death lies in the future.")


CERTS: Mapping[str, str] = {
    **{code: code for code in CERT_TYPES},
    **{one.zh: code for code, one in CERT_TYPES.items()},
    "1": "01",
    "身份证": "01",
    "居民身份证": "01",
    "居民户口簿": "01",
    "户口簿": "01",
    "出生证": "990201",
    "出生医学证明": "990201",
    "护照": "08",
}
SEXES: Mapping[str, str] = {
    "男": "1",
    "女": "2",
    "1": "1",
    "2": "2",
    "未知": "0",
    "0": "0",
    "9": "9",
    "未说明": "9",
}
CLASSES: Mapping[str, str] = {
    **{code: code for code in PersonClass.values},
    "新生儿": "1401",
    "学龄前儿童": "1402",
    "中小学生": "1403",
    "大学生": "1404",
    "未成年(未入学)": "1405",
    "低保学生儿童": "1406",
    "普通居民": "1501",
    "成年居民": "1501",
    "老年居民": "1601",
    "城乡居民": "1701",
}
RELATIONS: Mapping[str, str] = {
    **{code: code for code in Relation.values},
    "户主": "HEAD",
    "本人": "HEAD",
    "配偶": "SPOUSE",
    "妻": "SPOUSE",
    "夫": "SPOUSE",
    "子": "CHILD",
    "女": "CHILD",
    "子女": "CHILD",
    "孙子女": "GRANDCHILD",
    "父母": "PARENT",
    "祖父母": "GRANDPARENT",
    "兄弟姐妹": "SIBLING",
    "其他": "OTHER",
}
CATEGORIES: Mapping[str, str] = {
    **{code: code for code in Category.values},
    "特困": "TEKUN",
    "特困人员": "TEKUN",
    "孤儿": "ORPHAN",
    "事实无人抚养儿童": "ORPHAN",
    "低保": "DIBAO",
    "低保对象": "DIBAO",
    "重残": "ZHONGCAN",
    "重度残疾人": "ZHONGCAN",
    "监测对象": "MONITORED",
    "防返贫监测对象": "MONITORED",
}
ISSUERS_CATEGORIES: Mapping[str, frozenset[str]] = {
    Issuer.CIVIL: frozenset({"TEKUN", "ORPHAN", "DIBAO"}),
    Issuer.DISABLED: frozenset({"ZHONGCAN"}),
    Issuer.RURAL: frozenset({"MONITORED"}),
}
"""Who recognises which category; a full list of a body speaks of these alone."""

_ID_COLUMNS = frozenset({"证件号码", "户主证件号码", "身份证号", "身份证号码"})
_NAME_COLUMNS = frozenset({"姓名"})
_SHORT = 40


class Staged(NamedTuple):
    """A good row, in the order of the staging table."""

    line: int
    id_type: str = RESIDENT
    number: str = ""
    alias: str = ""
    name: str = ""
    initials: str = ""
    gender: str = "0"
    birth: date | None = None
    person_class: str = ""
    phone: str = ""
    head: str = ""
    relation: str = ""
    town: str = ""
    village: str = ""
    address: str = ""
    category: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Wrong:
    """A row in error: the code and details of what is wrong, the column, and what stands there, masked."""

    line: int
    code: str
    params: dict[str, Any] | None
    column: str
    value: str


@dataclass(frozen=True)
class Setting:
    """What the rows of a list share."""

    today: date
    month: date
    issuer: str
    region: frozenset[str] = frozenset()


Prepare = Callable[[int, Sequence[Any], Setting], Staged]


class _AtColumn(Exception):
    """A fault found by looking at several cells, and the column to blame."""

    def __init__(self, error: BureauError, column: str, value: str) -> None:
        super().__init__(str(error))
        self.error, self.column, self.value = error, column, value


def masked(column: str, value: Any) -> str:
    """What stood in a cell, so that a screen or an error file may show it."""
    plain = str(value)
    if column in _ID_COLUMNS:
        return mask_id(plain[:_SHORT])
    return mask_name(plain[:_SHORT]) if column in _NAME_COLUMNS else plain[:_SHORT]


def prepare(row: Row, kind: str, setting: Setting) -> Staged | Wrong:
    """A row as it is staged, or what is wrong with it."""
    if row.fault is not None:
        error = row.fault.error
        return Wrong(
            row.line,
            error.code,
            error.params or None,
            row.fault.column,
            masked(row.fault.column, row.fault.value),
        )
    try:
        return _PREPARE[kind](row.line, row.values, setting)
    except _AtColumn as fault:
        params = {name: str(value) for name, value in fault.error.params.items()} or None
        return Wrong(row.line, fault.error.code, params, fault.column, masked(fault.column, fault.value))


def _registration(line: int, values: Sequence[Any], setting: Setting) -> Staged:
    name, id_type, number, sex, birth, group, phone, head, relation, town, village, address, region = values
    if region and region not in setting.region:
        raise _AtColumn(NotInYourRegion(), "统筹区", "")
    try:
        known = identify(
            id_type=id_type,
            id_number=number,
            name=name,
            birth_date=birth,
            gender=sex or "0",
            today=setting.today,
        )
        head = "" if not head else head if head == number else _head_number(head)
    except (PersonNameMissing, PersonNameCharacters, PersonNameLong) as error:
        raise _AtColumn(error, "姓名", name) from None
    except (BirthDateDiffers, BirthDateMissing, BirthDateFuture) as error:
        raise _AtColumn(error, "出生日期", birth or "") from None
    except IdNumberError as error:
        at_head = _is_right(id_type, number, setting)
        raise _AtColumn(error, *(("户主证件号码", head) if at_head else ("证件号码", number))) from None
    if sex in ("1", "2") and known.gender != sex:
        raise _AtColumn(SexDiffers(), "性别", sex)
    if head == number or relation == Relation.HEAD or (not head and (town or village or address)):
        head, relation = known.id_number, Relation.HEAD.value
    return Staged(
        line, id_type, known.id_number, known.id_alias, known.name, _initials(known.name), known.gender,
        known.birth_date, group, phone or "", head or "", relation or "OTHER", town or "", village or "", address or "",
    )  # fmt: skip


@lru_cache(maxsize=10_000)
def _head_number(number: str) -> str:
    """A head's number in its normal form: the members of a household name it again and again."""
    return check_id(RESIDENT, number).number


@lru_cache(maxsize=50_000)
def _initials(name: str) -> str:
    """Names repeat in a large list."""
    return initials(name)


def _is_right(id_type: str, number: str, setting: Setting) -> bool:
    try:
        identities.check_number(id_type, number, today=setting.today)
    except IdNumberError:
        return False
    return True


def _resident(line: int, name: str, number: str, column: str, setting: Setting) -> tuple[str, str]:
    """The number and name of somebody named by an ID card."""
    try:
        found = identities.check_number(RESIDENT, number, today=setting.today)
    except IdNumberError as error:
        raise _AtColumn(error, column, number) from None
    try:
        return found, plain_name(name)
    except (PersonNameMissing, PersonNameCharacters, PersonNameLong) as error:
        raise _AtColumn(error, "姓名", name) from None


def _aid_member(line: int, values: Sequence[Any], setting: Setting) -> Staged:
    _number, number, name, category, _town, _village, since, _paid = values
    number, name = _resident(line, name, number, "身份证号", setting)
    allowed = ISSUERS_CATEGORIES.get(setting.issuer, frozenset(Category.values))
    if category not in allowed:
        names = ", ".join(word for word, code in CATEGORIES.items() if code in allowed and not word.isascii())
        raise _AtColumn(CategoryNotIssuers(choices=names), "医疗救助身份", category)
    return Staged(line, number=number, name=name, category=category, day=since or setting.month)


def _aid_check(line: int, values: Sequence[Any], setting: Setting) -> Staged:
    number, name = _resident(line, values[2], values[1], "身份证号", setting)
    return Staged(line, number=number, name=name, category=values[13] or "", relation=values[12] or "")


def _tax_claim(line: int, values: Sequence[Any], setting: Setting) -> Staged:
    number, name = _resident(line, values[2], values[3], "身份证号码", setting)
    return Staged(line, number=number, name=name, category=values[5] or "")


def _death(line: int, values: Sequence[Any], setting: Setting) -> Staged:
    _number, name, number, died = values
    number, name = _resident(line, name, number, "身份证号码", setting)
    if died > setting.today:
        raise _AtColumn(DeathInFuture(), "死亡时间", died.isoformat())
    return Staged(line, number=number, name=name, day=died)


_PREPARE: Mapping[str, Prepare] = {
    ListKind.REGISTER: _registration,
    ListKind.AID_MEMBERS: _aid_member,
    ListKind.AID_CHECK: _aid_check,
    ListKind.TAX_CLAIM: _tax_claim,
    ListKind.DEATHS: _death,
}


def _name(values: Mapping[str, str]) -> str:
    """The Chinese words among the accepted values, for people."""
    return "、".join(word for word in values if not word.isascii())


def _free(name: str, *, most: int = 60) -> Column:
    return Column(name, name, text(most), needed=False, filled=False)


def _kept(name: str) -> Column:
    return Column(name, name, anything, needed=False, filled=False)


_SERIAL = _kept("序号")
_AMOUNT = [
    Column(name, name, yuan, needed=False, filled=False, shown="number")
    for name in ("资助金额", "个人缴费金额", "代缴金额", "缴费总额")
]
LAYOUTS: Mapping[str, Layout] = {
    ListKind.REGISTER: Layout(
        (
            Column("name", "姓名", text(80)),
            Column("id_type", "证件类型", choice(CERTS, shown="居民身份证、医学出生证明…")),
            Column("id_number", "证件号码", text(40)),
            Column("gender", "性别", choice(SEXES, shown=_name(SEXES)), needed=False, filled=False),
            Column("birth_date", "出生日期", day, needed=False, filled=False, shown="date"),
            Column("person_class", "人员类别", choice(CLASSES, shown=_name(CLASSES))),
            Column("phone", "手机号码", digits(20), needed=False, filled=False),
            Column("head", "户主证件号码", text(40), needed=False, filled=False),
            Column(
                "relation",
                "与户主关系",
                choice(RELATIONS, shown=_name(RELATIONS)),
                needed=False,
                filled=False,
            ),
            _free("镇街"),
            _free("村居"),
            _free("住址", most=200),
            Column("region", "统筹区", text(20), needed=False, filled=False),
        ),
        forbidden=frozenset({"缴费状态", "缴费时间", "缴费金额", "参保状态", "死亡时间", "人员编号"}),
    ),
    ListKind.AID_MEMBERS: Layout(
        (
            _SERIAL,
            Column("id_number", "身份证号", text(40)),
            Column("name", "姓名", text(80)),
            Column("category", "医疗救助身份", choice(CATEGORIES, shown=_name(CATEGORIES))),
            _free("镇街"),
            _free("村居"),
            Column("since", "纳入资助时间", month, needed=False, filled=False, shown="date"),
            _kept("缴费时间"),
        )
    ),
    ListKind.AID_CHECK: Layout(
        (
            _SERIAL,
            Column("id_number", "身份证号", text(40)),
            Column("name", "姓名", text(80)),
            _free("镇街"),
            _free("村居"),
            _free("医保所属区划"),
            _AMOUNT[0],
            _AMOUNT[1],
            _free("是否参保"),
            _free("参保类型"),
            _kept("金保号"),
            _kept("参保年度"),
            Column(
                "state",
                "参保状态",
                choice({"正常参保": "1", "暂停参保": "2", "终止参保": "4", "未参保": "0"}),
                needed=False,
                filled=False,
            ),
            Column(
                "category",
                "特殊人员身份类别",
                choice(CATEGORIES, shown=_name(CATEGORIES)),
                needed=False,
                filled=False,
            ),
        )
    ),
    ListKind.TAX_CLAIM: Layout(
        (
            _SERIAL,
            _free("镇街"),
            Column("name", "姓名", text(80)),
            Column("id_number", "身份证号码", text(40)),
            _kept("人员编号"),
            Column("category", "代缴类别", choice(CATEGORIES, shown=_name(CATEGORIES))),
            _free("参保类别"),
            _AMOUNT[2],
            _AMOUNT[1],
            _AMOUNT[3],
            _kept("请款批次"),
        )
    ),
    ListKind.DEATHS: Layout(
        (
            _SERIAL,
            Column("name", "姓名", text(80)),
            Column("id_number", "身份证号码", text(40)),
            Column("died", "死亡时间", day, shown="date"),
        )
    ),
}
"""The columns of each kind. Their order is the template's; a list may have them in any order."""
