"""Account holders as banks write them: the same name in another spelling, or another name."""

from __future__ import annotations

import random

from bureau.names import private_use_twins
from payments.files.limits import REQUEST_WIDTHS

_DOTS = "\u2022\u2027\u30fb\u00b7"
_TO_PRIVATE = {real: private for private, real in private_use_twins().items()}
_FROM_PRIVATE = private_use_twins()
_ROOM = REQUEST_WIDTHS["holder"] // 4 - 1


def spelled_otherwise(name: str, rng: random.Random) -> str:
    """Another spelling of the same holder: blanks, full-width letters, other dots, private-use twins."""
    ways = []
    if "\u00b7" in name:
        ways.append(name.replace("\u00b7", rng.choice(_DOTS)))
    for table in (_TO_PRIVATE, _FROM_PRIVATE):
        twin = "".join(table.get(char, char) for char in name)
        if twin != name:
            ways.append(twin)
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)
    if wide != name:
        ways.append(wide)
    if len(name) < _ROOM:
        at = rng.randrange(1, len(name) + 1)
        ways.append(name[:at] + rng.choice(" \u3000") + name[at:])
    return rng.choice(ways) if ways else name


def somebody_else(name: str, rng: random.Random) -> str:
    """Another person's name, of about the same length."""
    surname = rng.choice([one for one in "赵钱孙吴郑冯陈褚卫蒋" if one != name[:1]])
    return surname + (name[1:] if len(name) > 1 else "某")
