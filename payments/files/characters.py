"""Which characters a value in a bank file may hold, tested on text and, faster, on whole blocks of UTF-8."""

from __future__ import annotations

from bureau.characters import FORBIDDEN_CATEGORIES, is_clean

__all__ = [
    "DELIMITER",
    "ENCODING",
    "FORBIDDEN_CATEGORIES",
    "PLAIN_BYTES",
    "CleanBlocks",
    "encodable",
    "is_clean",
]
ENCODING = "gb18030"
DELIMITER = "|"

_RARE_LEADS = bytes([0xC2, 0xD8, 0xDB, 0xDC, *range(0xE0, 0xE3), *range(0xEF, 0xF5)])
PLAIN_BYTES = bytes(
    b for b in range(0x20, 0xF5) if b not in _RARE_LEADS and b != ord(DELIMITER) and b != 0x7F
)
"""UTF-8 bytes that are no delimiter and begin no forbidden character; a test holds this against Unicode."""


def encodable(text: str, *, max_bytes: int | None = None) -> bool:
    """True when a value can stand in a layout A field as it is, in at most `max_bytes` bytes of GB18030.

    GB18030 can write every character but lone surrogates; `|` and forbidden characters cannot be in a value.
    """
    if DELIMITER in text or not is_clean(text):
        return False
    if max_bytes is None or len(text) * 4 <= max_bytes:
        return True
    return len(text.encode(ENCODING)) <= max_bytes


class CleanBlocks:
    """Tells of a block of UTF-8 lines, without looking at single lines, whether each of them is clean.

    Clean: exactly `delimiters` delimiters in every line, the last one right before the line end `eol`, and no
    forbidden character. One pass deletes every plain byte; what is left of n clean lines is n times the same
    few bytes. UTF-8 is needed for that: in GB18030 a `|` may be the second half of a character.
    """

    def __init__(self, delimiters: int, eol: bytes) -> None:
        bar = DELIMITER.encode()
        self._pattern = bar * delimiters + eol
        self._end = bar + eol
        self._known: dict[bytes, bool] = {}

    def count(self, block: bytes) -> int | None:
        """The number of lines of a block that ends with a line end; None when one of them is not clean."""
        left = block.translate(None, PLAIN_BYTES)
        shape = left.translate(None, _RARE_LEADS)
        lines, rest = divmod(len(shape), len(self._pattern))
        if rest or shape != self._pattern * lines or block.count(self._end) != lines:
            return None
        if len(left) != len(shape) and not self._rare_are_clean(block, left):
            return None
        return lines

    def _rare_are_clean(self, block: bytes, left: bytes) -> bool:
        """Look at each character that begins with a byte under which forbidden characters exist."""
        for lead in set(left.translate(None, self._pattern)):
            size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            at = block.find(lead)
            while at >= 0:
                char = block[at : at + size]
                known = self._known.get(char)
                if known is None:
                    known = self._known[char] = is_clean(char.decode())
                if not known:
                    return False
                at = block.find(lead, at + size)
        return True
