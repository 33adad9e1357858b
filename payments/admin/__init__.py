"""Pages of the money."""

from payments.admin import batches, files, lines, money, tables, workitems

__all__ = ["batches", "files", "lines", "money", "tables", "workitems"]
