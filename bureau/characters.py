"""Which characters a value from outside may hold."""

from __future__ import annotations

import unicodedata

FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
"""Control characters, format characters (zero width, direction overrides) and lone surrogates."""


def is_clean(text: str) -> bool:
    """True when no character of the text is forbidden. Rare blanks and private-use characters are allowed."""
    # isprintable() is fast and stricter: it also refuses U+3000 and private use, which need a second look.
    if text.isprintable():
        return True
    return not any(unicodedata.category(char) in FORBIDDEN_CATEGORIES for char in text)
