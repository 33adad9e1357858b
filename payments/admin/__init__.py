"""Pages of the money."""

from payments.admin import batches, differences, files, lines, money, tables, workitems

__all__ = ["batches", "differences", "files", "lines", "money", "tables", "workitems"]
