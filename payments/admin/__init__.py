"""Pages of the money."""

from payments.admin import (
    batches,
    channels,
    differences,
    files,
    lines,
    messages,
    money,
    orders,
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
    "channels",
    "differences",
    "files",
    "lines",
    "messages",
    "money",
    "orders",
    "pushes",
    "retries",
    "settlements",
    "tables",
    "voids",
    "vouchers",
    "workitems",
]
