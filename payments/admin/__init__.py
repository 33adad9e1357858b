"""Pages of the money."""

from payments.admin import (
    batches,
    differences,
    files,
    lines,
    messages,
    money,
    pushes,
    retries,
    settlements,
    tables,
    voids,
    vouchers,
    workitems,
)

__all__ = [
    "batches",
    "differences",
    "files",
    "lines",
    "messages",
    "money",
    "pushes",
    "retries",
    "settlements",
    "tables",
    "voids",
    "vouchers",
    "workitems",
]
