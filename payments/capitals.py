"""Amounts in capital characters (大写金额), as vouchers write them against alteration."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capitals(amount: Decimal) -> str:
    """Yuan with at most two decimals, not negative, in capital characters: 400.00 is 肆佰元整."""
    fen = int(amount * 100)
    whole, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_whole(whole)}元" if whole else ""
    if not jiao and not cent:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return f"{text}{_DIGITS[cent]}分" if cent else f"{text}整"


def _whole(number: int) -> str:
    text, groups = "", []
    while number:
        number, part = divmod(number, 10_000)
        groups.append(part)
    for place in range(len(groups) - 1, -1, -1):
        part = groups[place]
        if not part:
            continue
        if text and (part < 1000 or not groups[place + 1]):
            text += "零"
        text += _group(part) + _GROUPS[place]
    return text


def _group(part: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = part // 10**place % 10
        if not digit:
            gap = gap or bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
