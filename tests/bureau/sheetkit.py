"""Workbooks with one thing wrong, made by editing the parts of a right one."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bureau.sheets import reader
from bureau.sheets.columns import Column, Layout, day, text
from bureau.sheets.limits import IN_A_TASK, Limits
from bureau.sheets.rows import Row

LAYOUT = Layout(
    (
        Column("name", "姓名", text(20)),
        Column("number", "证件号码", text(20)),
        Column("born", "出生日期", day, needed=False, filled=False),
    ),
    forbidden=frozenset({"缴费状态"}),
)
SHEET = "xl/worksheets/sheet1.xml"


def edited(
    book: bytes, parts: Mapping[str, bytes | None] | None = None, **replaced: tuple[str, str]
) -> bytes:
    """The workbook with ``parts`` added or taken out (None), and a text replaced in the sheet or the workbook part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if parts and name in parts:
                continue
            data = old.read(name)
            for part, (was, now) in replaced.items():
                if name == (SHEET if part == "sheet" else "xl/workbook.xml"):
                    assert was.encode() in data, data[:2000]
                    data = data.replace(was.encode(), now.encode(), 1)
            new.writestr(name, data)
        for name, content in (parts or {}).items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def read(
    path: Path, content: bytes, limits: Limits = IN_A_TASK, sheet: str = ""
) -> tuple[list[Row], reader.OpenList]:
    """All rows of a list, and the list as it was opened."""
    path.write_bytes(content)
    with reader.open_list(path, layout=LAYOUT, limits=limits, sheet=sheet) as opened:
        return list(opened.rows), opened
