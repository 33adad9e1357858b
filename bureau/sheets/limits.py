"""How much of a list is read at most, by the door through which it comes (design: reliability S02-S04)."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
RATIO = 100
SMALL_MEMBER = MEGABYTE
"""A part smaller than this may be packed as tightly as it likes: it cannot hurt."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes as sent, bytes unpacked, rows without the header, columns, characters of a cell."""

    file_bytes: int = 100 * MEGABYTE
    unpacked: int = 500 * MEGABYTE
    rows: int = 500_000
    columns: int = 60
    cell: int = 1_000


IN_A_TASK = Limits()
IN_A_REQUEST = Limits(file_bytes=20 * MEGABYTE, unpacked=50 * MEGABYTE, rows=5_000)
