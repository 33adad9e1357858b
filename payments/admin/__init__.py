"""Pages of the money."""

from payments.admin import batches, differences, files, lines, money, tables, vouchers, workitems

__all__ = ["batches", "differences", "files", "lines", "money", "tables", "vouchers", "workitems"]
