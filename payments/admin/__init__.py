"""Pages of the money."""

from payments.admin import (
    batches,
    differences,
    files,
    lines,
    messages,
    money,
    retries,
    tables,
    vouchers,
    workitems,
)

__all__ = ["batches", "differences", "files", "lines", "messages", "money", "retries", "tables", "vouchers", "workitems"]
