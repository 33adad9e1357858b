"""Files that go out for lists: the templates."""

import io

import xlsxwriter

from enrollment.services.listlayouts import LAYOUTS

ROWS = 5_000


def template_book(kind: str) -> bytes:
    """An empty workbook with the columns of a kind of list, formatted as text so that numbers stay as they are typed."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        plain = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "num_format": "@", "bg_color": "#E8EEF7", "bottom": 1})
        needed = book.add_format(
            {"bold": True, "num_format": "@", "bg_color": "#E8EEF7", "bottom": 1, "font_color": "#B42318"}
        )
        for at, column in enumerate(LAYOUTS[kind].columns):
            sheet.set_column(at, at, max(12, 2 * len(column.name) + 6), plain)
            sheet.write_string(0, at, column.name, needed if column.needed else head)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
