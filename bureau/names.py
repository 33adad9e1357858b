"""Comparing the names of account holders, which every bank writes in its own way.

Blanks, four kinds of middle dots and two readings of a dozen GB 18030 codes must not part a payer from the
money that was debited.
"""

from __future__ import annotations

import unicodedata

MIDDLE_DOT = "\u00b7"
MIDDLE_DOTS = "\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387\ua78f"
"""Every character written for the dot in a name; \u00b7 is the one GBK has at A1A4."""

BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""Every blank Unicode knows: what fold_name removes."""

# Two-byte codes whose character had no place of its own in Unicode when GB 18030-2000/2005 were written.
# Those standards (and Python's codec) read them as private-use points, GB 18030-2022 reads the real ones.
_TWINS = (
    ("\ue7c7", "\u1e3f"),  # A8BC, swapped in 2005 already
    ("\ue78d", "\ufe10"),  # A6D9
    ("\ue78e", "\ufe12"),  # A6DA, not in the order of Unicode
    ("\ue78f", "\ufe11"),  # A6DB
    ("\ue790", "\ufe13"),  # A6DC
    ("\ue791", "\ufe14"),  # A6DD
    ("\ue792", "\ufe15"),  # A6DE
    ("\ue793", "\ufe16"),  # A6DF
    ("\ue794", "\ufe17"),  # A6EC
    ("\ue795", "\ufe18"),  # A6ED
    ("\ue796", "\ufe19"),  # A6F3
    ("\ue81e", "\u9fb4"),  # FE59
    ("\ue826", "\u9fb5"),  # FE61
    ("\ue82b", "\u9fb6"),  # FE66
    ("\ue82c", "\u9fb7"),  # FE67
    ("\ue832", "\u9fb8"),  # FE6D
    ("\ue843", "\u9fb9"),  # FE7E
    ("\ue854", "\u9fba"),  # FE90
    ("\ue864", "\u9fbb"),  # FEA0
    ("\ue816", "\U00020087"),  # FE51
    ("\ue817", "\U00020089"),  # FE52
    ("\ue818", "\U000200cc"),  # FE53
    ("\ue831", "\U000215d7"),  # FE6C
    ("\ue83b", "\U0002298f"),  # FE76
    ("\ue855", "\U000241fe"),  # FE91
)
_TWIN_TABLE = str.maketrans(dict(_TWINS))
_DOT_BLANK_TABLE = str.maketrans(MIDDLE_DOTS, MIDDLE_DOT * len(MIDDLE_DOTS), BLANKS)


def private_use_twins() -> dict[str, str]:
    """Private-use character -> its real twin, for the 25 codes that GB 18030 read differently over time.

    The same fold in SQL is translate(normalize(translate(name, twins, reals), NFKC), dots || blanks, middles)
    with MIDDLE_DOTS, BLANKS and one MIDDLE_DOT for each dot: translate() removes what has no counterpart.
    """
    return dict(_TWINS)


def fold_name(name: str) -> str:
    """An account holder's name as it is compared (design: bank-files 8.1), never as stored or shown.

    In this order: private-use twins folded to the real character, NFKC, blanks removed, middle dots united to
    U+00B7. Letter case counts.
    """
    return unicodedata.normalize("NFKC", name.translate(_TWIN_TABLE)).translate(_DOT_BLANK_TABLE)
