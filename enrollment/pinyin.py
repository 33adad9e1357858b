"""Pinyin initials of a name, as clerks type them: 张三 is zs, 欧阳娜娜 oynn, 阿依古丽·买买提 ayglmmt.

A character has one reading here, its most usual one; in front of a name the reading that it has as a surname.
Latin letters give the first of each word. What has no reading is left out.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from pypinyin.pinyin_dict import pinyin_dict

LONGEST = 80
# Surnames that are read otherwise than the character alone; of two readings in use the one of most bearers (覃 in
# Guangxi is qin).
_SURNAMES = {
    "单": "s", "曾": "z", "解": "x", "仇": "q", "区": "o", "查": "z", "朴": "p", "盖": "g", "翟": "z", "覃": "q",
    "缪": "m", "乐": "y", "任": "r", "宁": "n", "黑": "h", "重": "c", "种": "c", "召": "s", "折": "s", "员": "y",
    "秘": "b", "薄": "b", "卜": "b", "尉": "w", "晁": "c", "祭": "z", "繁": "p", "隗": "w", "长": "c", "车": "c",
    "能": "n", "佴": "n", "冼": "x", "谌": "c", "郗": "x", "郇": "x", "宓": "m", "阚": "k", "牟": "m", "褚": "c",
    "逄": "p", "幺": "y", "句": "g", "角": "j", "石": "s", "万": "w", "沈": "s", "盛": "s", "贾": "j", "令": "l",
}  # fmt: skip
_DOUBLE_SURNAMES = {
    "尉迟": "yc", "万俟": "mq", "长孙": "zs", "澹台": "tt", "单于": "cy", "令狐": "lh", "宰父": "zf", "亓官": "qg",
    "鲜于": "xy", "濮阳": "py",
}  # fmt: skip


def initials(name: str) -> str:
    """The initials of ``name`` in small letters, at most 80; empty where no character has a reading."""
    spread = unicodedata.normalize("NFKD", name).strip()
    plain = "".join(char for char in spread if not unicodedata.combining(char))
    front = _DOUBLE_SURNAMES.get(plain[:2]) or _SURNAMES.get(plain[:1], "")
    found = list(front)
    inside = False  # a word of Latin letters, whose first one is told already
    for char in plain[len(front) :]:
        if char.isascii() and char.isalpha():
            if not inside:
                found.append(char.lower())
            inside = True
            continue
        inside = inside and char in "'-"
        found.append(_initial(char))
    return "".join(found)[:LONGEST]


@cache
def _initial(char: str) -> str:
    """The first letter of a character's most usual reading, "" where it has none."""
    readings: str = pinyin_dict.get(ord(char), "")
    first = unicodedata.normalize("NFD", readings[:1])[:1].lower()
    return first if "a" <= first <= "z" else ""
