"""Certificates of people: checking ID numbers, and masking numbers and names.

Resident numbers follow GB 11643 (6 digits region, 8 birth, 3 order, 1 check digit by ISO 7064 MOD 11-2).
The residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83) and the foreigners' permanent
residence card of 2023 (9 + 2 digits province + 3 digits nationality) share that frame. Nothing here looks
anything up: a caller who has the region table passes its codes. No error carries the number it refuses.
Comparing holder names lives in bureau/names.py and is offered here too.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from enum import StrEnum
from operator import mul
from types import MappingProxyType
from typing import NamedTuple

from bureau.errors import BureauError, gettext_noop
from bureau.names import MIDDLE_DOTS
from bureau.names import fold_name as fold_name  # offered here with the other rules about people
from bureau.names import private_use_twins as private_use_twins


class CertType(NamedTuple):
    """The name of a certificate type in Chinese and English."""

    zh: str
    en: str


CERT_TYPES: MappingProxyType[str, CertType] = MappingProxyType(
    {
        "01": CertType("居民身份证(户口簿)", gettext_noop("Resident identity card (household register)")),
        "02": CertType("解放军军官证", gettext_noop("Officer's card of the Liberation Army")),
        "03": CertType("武警警官证", gettext_noop("Officer's card of the Armed Police")),
        "04": CertType(
            "香港特区护照/港澳居民来往内地通行证",
            gettext_noop("Hong Kong passport or mainland travel permit"),
        ),
        "05": CertType(
            "澳门特区护照/港澳居民来往内地通行证", gettext_noop("Macao passport or mainland travel permit")
        ),
        "06": CertType("台湾居民来往大陆通行证", gettext_noop("Mainland travel permit for Taiwan residents")),
        "07": CertType("外国人永久居留证", gettext_noop("Foreigner's permanent residence card")),
        "08": CertType("外国人护照", gettext_noop("Foreign passport")),
        "09": CertType("残疾人证", gettext_noop("Disability certificate")),
        "10": CertType("军烈属证明", gettext_noop("Certificate of a soldier's or martyr's family")),
        "11": CertType("外国人就业证", gettext_noop("Foreigner's employment permit")),
        "12": CertType("外国专家证", gettext_noop("Foreign expert's card")),
        "13": CertType("常驻记者证", gettext_noop("Resident journalist's card")),
        "14": CertType(
            "台港澳人员就业证", gettext_noop("Employment permit for Taiwan, Hong Kong and Macao residents")
        ),
        "15": CertType("回国定居专家证", gettext_noop("Card of an expert returned to settle")),
        "90": CertType("社会保障卡", gettext_noop("Social security card")),
        "99": CertType("其他", gettext_noop("Other")),
        "990201": CertType("医学出生证明", gettext_noop("Medical birth certificate")),
    }
)
"""psn_cert_type of the national medical insurance platform (design: bank-files 9.2)."""

RESIDENT = "01"
BIRTH_CERTIFICATE = "990201"

SEX_UNKNOWN, MALE, FEMALE = "0", "1", "2"
"""GB/T 2261.1."""


class IdNumberError(BureauError):
    """Base of everything that is wrong with a certificate number."""

    code = "id_invalid"
    message = gettext_noop("The certificate number is not valid.")


class IdTypeUnknown(IdNumberError):
    code = "id_type_unknown"
    message = gettext_noop("There is no certificate type %(id_type)s.")


class IdEmpty(IdNumberError):
    code = "id_empty"
    message = gettext_noop("The certificate number is empty.")


class IdLength(IdNumberError):
    code = "id_length"
    message = gettext_noop("An ID number has 18 characters (15 on an old card), not %(length)s.")


class IdCharacters(IdNumberError):
    code = "id_characters"
    message = gettext_noop("An ID number consists of digits; only its last place may be X.")


class IdBirthDate(IdNumberError):
    code = "id_birth_date"
    message = gettext_noop("The date of birth inside the ID number does not exist.")


class IdBirthFuture(IdNumberError):
    code = "id_birth_future"
    message = gettext_noop("The date of birth inside the ID number lies in the future.")


class IdCheckDigit(IdNumberError):
    code = "id_check_digit"
    message = gettext_noop("The last place of the ID number does not fit the others: a place is wrong.")


class IdFormat(IdNumberError):
    code = "id_format"
    message = gettext_noop("This is not the number of a certificate of the type %(id_type)s.")


class IdFullWidth(IdNumberError):
    code = "id_full_width"
    message = gettext_noop("The ID number is written in full-width digits.")


class IdOldNumber(IdNumberError):
    code = "id_old_number"
    message = gettext_noop("This is an old ID number of 15 digits.")


class IdWarning(StrEnum):
    """What a clerk should look at although the number is accepted; WARNING_TEXTS has the sentences."""

    UNKNOWN_REGION = "unknown_region"
    OLD_NUMBER = "old_number"
    CENTURY_UNKNOWN = "century_unknown"
    RESIDENCE_PERMIT = "residence_permit"
    FOREIGNER_CARD = "foreigner_card"
    UNUSUAL_FORMAT = "unusual_format"


WARNING_TEXTS: MappingProxyType[IdWarning, str] = MappingProxyType(
    {
        IdWarning.UNKNOWN_REGION: gettext_noop("The region inside the number is not in our table."),
        IdWarning.OLD_NUMBER: gettext_noop("Old number of 15 digits, converted to 18."),
        IdWarning.CENTURY_UNKNOWN: gettext_noop("The number may belong to someone born before 1900."),
        IdWarning.RESIDENCE_PERMIT: gettext_noop(
            "This is the number of a Hong Kong, Macao or Taiwan permit."
        ),
        IdWarning.FOREIGNER_CARD: gettext_noop("This is the number of a foreigner's residence card."),
        IdWarning.UNUSUAL_FORMAT: gettext_noop("This certificate usually has a number of another form."),
    }
)


class IdChange(StrEnum):
    """What normalising changed."""

    TRIMMED = "trimmed"
    FULL_WIDTH = "full_width"
    UPPER = "upper"


class IdFacts(NamedTuple):
    """A certificate number that passed, and what it says.

    `number` is normalised (18 places where it came with 15, which then stands in `alias`); `birth` is None,
    `region_code` and `alias` are "" and `sex` is SEX_UNKNOWN where the number does not tell.
    """

    number: str
    birth: date | None = None
    sex: str = SEX_UNKNOWN
    region_code: str = ""
    alias: str = ""
    warnings: tuple[IdWarning, ...] = ()
    changes: tuple[IdChange, ...] = ()


_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}
_UPPER = {ord(letter): ord(letter) - 32 for letter in "abcdefghijklmnopqrstuvwxyz"}


def normalize_id_changes(text: str) -> tuple[str, tuple[IdChange, ...]]:
    """The number as we store it, and what had to be changed: outer blanks, full-width forms, lower case.

    Nothing else: characters that merely look like digits stay and are refused later.
    """
    if text.isascii() and text.isalnum() and (text.isdecimal() or text.isupper()):
        return text, ()
    changes = []
    trimmed = text.strip()
    if trimmed != text:
        changes.append(IdChange.TRIMMED)
    narrow = trimmed.translate(_FULL_WIDTH)
    if narrow != trimmed:
        changes.append(IdChange.FULL_WIDTH)
    upper = narrow.translate(_UPPER)
    if upper != narrow:
        changes.append(IdChange.UPPER)
    return upper, tuple(changes)


def normalize_id(text: str) -> str:
    """The number without outer blanks, in ASCII where it was full-width, in upper case (x becomes X)."""
    return normalize_id_changes(text)[0]


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_ZEROS = sum(_WEIGHTS) * ord("0")
_DIGITS_18 = re.compile(r"[0-9]{17}[0-9X]")
_DIGITS_15 = re.compile(r"[0-9]{15}")
_EARLIEST_BIRTH_YEAR = 1850
_CENTENARIAN_ORDERS = frozenset({"996", "997", "998", "999"})
_PLACES = {"1": "12345", "2": "123", "3": "1234567", "4": "123456", "5": "01234", "6": "12345", "7": "1"}
_PROVINCES = frozenset(area + place for area, places in _PLACES.items() for place in places)
_PERMIT_PREFIXES = ("81", "82", "83")


def check_digit(first_17: str) -> str:
    """The 18th place for the first 17 digits, by ISO 7064 MOD 11-2 (GB 11643)."""
    if len(first_17) != 17 or not (first_17.isascii() and first_17.isdecimal()):
        raise ValueError(first_17)
    return _check_digit_of(first_17.encode())


def _check_digit_of(digits: bytes) -> str:
    """The check digit for the first 17 of at least as many ASCII digits."""
    return _CHECK_DIGITS[(sum(map(mul, digits, _WEIGHTS)) - _ZEROS) % 11]


def to_18(old_number: str) -> str:
    """An old number of 15 digits with 18 places: 19 before the year, a check digit at the end.

    Raises IdLength or IdCharacters when it is not 15 digits. The date inside is not checked here.
    """
    if len(old_number) != 15:
        raise IdLength(length=len(old_number))
    if not _DIGITS_15.fullmatch(old_number):
        raise IdCharacters()
    first_17 = f"{old_number[:6]}19{old_number[6:]}"
    return first_17 + check_digit(first_17)


def to_15(number: str) -> str:
    """The old number a resident may still be known by; "" for births outside 1900-1999, for other cards."""
    if not _DIGITS_18.fullmatch(number) or number[6:8] != "19" or number[0] in "89":
        return ""
    return number[:6] + number[8:17]


def _birth_date(digits: str, today: date | None) -> date:
    try:
        birth = date.fromisoformat(digits)
    except ValueError:
        raise IdBirthDate() from None
    if birth.year < _EARLIEST_BIRTH_YEAR:
        raise IdBirthDate()
    if today is not None and birth > today:
        raise IdBirthFuture()
    return birth


def _region_of(number: str, known: Container[str] | None) -> tuple[str, tuple[IdWarning, ...]]:
    if number[0] == "9":
        return f"{number[1:3]}0000", ()
    region = number[:6]
    if number[0] == "8" and number.startswith(_PERMIT_PREFIXES):
        return region, ()
    # Counties come and go, and their numbers stay with people for life: never an error.
    familiar = region[:2] in _PROVINCES if known is None else region in known
    return region, () if familiar else (IdWarning.UNKNOWN_REGION,)


def check_id18(
    number: str, *, today: date | None = None, known_regions: Container[str] | None = None
) -> IdFacts:
    """Check one normalised number of 18 places, whichever of the cards in that frame it belongs to.

    A birth in the future is refused only when `today` is given; without `known_regions` only the province is
    compared. Raises IdLength, IdCharacters, IdBirthDate, IdBirthFuture or IdCheckDigit, in this order.
    """
    if len(number) != 18:
        raise IdLength(length=len(number))
    if not _DIGITS_18.fullmatch(number):
        raise IdCharacters()
    return _read_id18(number, today, known_regions)


def _read_id18(number: str, today: date | None, known: Container[str] | None) -> IdFacts:
    """What 17 digits and a check digit say."""
    birth = _birth_date(number[6:14], today)
    if _check_digit_of(number.encode()) != number[17]:
        raise IdCheckDigit()
    region, warnings = _region_of(number, known)
    return IdFacts(number, birth, MALE if number[16] in "13579" else FEMALE, region, "", warnings)


def _check_resident(number: str, today: date | None, known: Container[str] | None) -> IdFacts:
    if len(number) != 15:
        facts = check_id18(number, today=today, known_regions=known)
        if number[0] == "9":
            return _with(facts, warnings=(IdWarning.FOREIGNER_CARD,))
        if number[0] == "8" and number.startswith(_PERMIT_PREFIXES):
            return _with(facts, warnings=(IdWarning.RESIDENCE_PERMIT,))
        return facts
    facts = check_id18(to_18(number), today=today, known_regions=known)
    # The orders 996-999 were set aside for people over a hundred, whose year may be 18xx.
    century = (IdWarning.CENTURY_UNKNOWN,) if number[12:] in _CENTENARIAN_ORDERS else ()
    return _with(facts, alias=number, warnings=(IdWarning.OLD_NUMBER, *century))


def _with(
    facts: IdFacts,
    *,
    number: str | None = None,
    alias: str = "",
    warnings: tuple[IdWarning, ...] = (),
    changes: tuple[IdChange, ...] = (),
) -> IdFacts:
    return IdFacts(
        number=facts.number if number is None else number,
        birth=facts.birth,
        sex=facts.sex,
        region_code=facts.region_code,
        alias=alias or facts.alias,
        warnings=facts.warnings + warnings,
        changes=facts.changes + changes,
    )


# What the certificates of each type look like in the field. A number of 18 places in a travel permit's or a
# foreigner's type is the residence card that took its place and is checked like an ID number.
_USUAL: dict[str, re.Pattern[str]] = {
    "02": re.compile(r"[\u4e00-\u9fff]{0,2}字第?[0-9]{6,9}号?"),
    "03": re.compile(r"[\u4e00-\u9fff]{0,2}字第?[0-9]{6,9}号?"),
    "04": re.compile(r"[A-Z]{1,2}[0-9]{7,10}"),
    "05": re.compile(r"[A-Z]{1,2}[0-9]{7,10}"),
    "06": re.compile(r"[0-9]{8}|[0-9]{10}(?:\([A-Z]\)|[A-Z])?"),
    "07": re.compile(r"[A-Z]{3}[0-9]{12}"),
    "08": re.compile(r"[A-Z0-9]{5,12}"),
    "90": re.compile(r"[A-Z0-9][0-9]{8}"),
    "990201": re.compile(r"[A-Z][0-9]{9}"),
}
_ANY_FORMAT = re.compile(r"[0-9A-Z()/\-\u4e00-\u9fff]{4,30}")
_DISABILITY = re.compile(r"([0-9]{17}[0-9X])[1-7][1-4](?:B[0-9])?")
_ID18_TYPES: dict[str, tuple[str, ...]] = {
    "04": _PERMIT_PREFIXES,
    "05": _PERMIT_PREFIXES,
    "06": _PERMIT_PREFIXES,
    "07": ("9",),
    "90": tuple("123456789"),
}


def _check_other(id_type: str, number: str, today: date | None, known: Container[str] | None) -> IdFacts:
    if id_type == "09" and (match := _DISABILITY.fullmatch(number)):
        # 20 places: the holder's ID number, the kind (1-7) and degree (1-4) of disability, B1 for a reissue.
        return _with(check_id18(match[1], today=today, known_regions=known), number=number)
    if _DIGITS_18.fullmatch(number) and id_type in _ID18_TYPES:
        if not number.startswith(_ID18_TYPES[id_type]):
            raise IdFormat(id_type=id_type)
        return check_id18(number, today=today, known_regions=known)
    usual = _USUAL.get(id_type)
    if usual is not None and usual.fullmatch(number):
        return IdFacts(number)
    if not _ANY_FORMAT.fullmatch(number):
        raise IdFormat(id_type=id_type)
    unusual = usual is not None or id_type == "09"
    return IdFacts(number, warnings=(IdWarning.UNUSUAL_FORMAT,) if unusual else ())


def check_id(
    id_type: str,
    number: str,
    *,
    today: date | None = None,
    known_regions: Container[str] | None = None,
    strict: bool = False,
) -> IdFacts:
    """Normalise and check a certificate number of any type in CERT_TYPES.

    01 takes 18 places, or 15 digits, which are converted (the old number becomes `alias`). Other types follow
    the usual form of their certificate; another bounded form passes with the warning UNUSUAL_FORMAT. `strict`
    is for bank lines, where outer blanks and a lower-case x are forgiven but full-width forms (IdFullWidth)
    and old numbers (IdOldNumber) are not converted silently (design: reliability B17, B18).

    Raises a subclass of IdNumberError: IdTypeUnknown, IdEmpty, IdLength, IdCharacters, IdBirthDate,
    IdBirthFuture (only with `today`), IdCheckDigit, IdFormat.
    """
    if id_type == RESIDENT and number[:1] < "8" and _DIGITS_18.fullmatch(number):
        # Nearly every number of a long list: a resident's, as it should be.
        return _read_id18(number, today, known_regions)
    if id_type not in CERT_TYPES:
        raise IdTypeUnknown(id_type=id_type)
    normal, changes = normalize_id_changes(number)
    if not normal:
        raise IdEmpty()
    if strict and IdChange.FULL_WIDTH in changes:
        raise IdFullWidth()
    if id_type == RESIDENT:
        if strict and _DIGITS_15.fullmatch(normal):
            raise IdOldNumber()
        facts = _check_resident(normal, today, known_regions)
    else:
        facts = _check_other(id_type, normal, today, known_regions)
    return _with(facts, changes=changes) if changes else facts


# --- masking ------------------------------------------------------------


def mask_id(number: str) -> str:
    """A certificate number for the screen: `110105********002X`. Shorter ones show less, never the birth."""
    length = len(number)
    if length >= 18:
        head, tail = 6, 4
    elif length >= 15:
        head, tail = 6, 3
    elif length >= 8:
        head, tail = 2, 2
    else:
        head, tail = (1, 1) if length >= 4 else (0, 0)
    return number[:head] + "*" * (length - head - tail) + number[length - tail :]


def mask_account(account: str) -> str:
    """A bank account for the screen: `6228****0011`, four stars whatever the length; short ones show less."""
    plain = "".join(account.split())
    if len(plain) >= 12:
        return f"{plain[:4]}****{plain[-4:]}"
    if len(plain) >= 8:
        return f"****{plain[-4:]}"
    return "****" if plain else ""


def mask_name(name: str) -> str:
    """A name for the screen: `张*`, `阿**·***`. The first character, blanks and middle dots stay."""
    return name[:1] + "".join(char if char in MIDDLE_DOTS or char.isspace() else "*" for char in name[1:])
