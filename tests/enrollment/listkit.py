"""Lists for tests: written as clerks' programs write them, received, read and confirmed by two people."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import openpyxl

from bureau.models import User
from enrollment.models import ListFile, ListKind
from enrollment.services import lists
from tests import builders

AT = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)
HEADER = (
    "姓名",
    "证件类型",
    "证件号码",
    "性别",
    "出生日期",
    "人员类别",
    "手机号码",
    "户主证件号码",
    "与户主关系",
    "镇街",
    "村居",
    "住址",
)


def row(number: str, name: str = "李四", **cells: Any) -> list[Any]:
    """A good registration of an adult; ``cells`` by their column."""
    values = dict.fromkeys(HEADER, "")
    values |= {"姓名": name, "证件类型": "居民身份证", "证件号码": number, "人员类别": "普通居民"}
    return [(values | cells)[column] for column in HEADER]


def xlsx(
    rows: Sequence[Sequence[Any]], header: Sequence[Any] = HEADER, **sheets: Sequence[Sequence[Any]]
) -> bytes:
    """A workbook with one sheet of text cells (and further ones by name)."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (header, *rows):
        sheet.append(list(cells))
    for name, more in sheets.items():
        extra = book.create_sheet(name)
        for cells in more:
            extra.append(list(cells))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(rows: Sequence[Sequence[Any]], header: Sequence[Any] = HEADER, encoding: str = "utf-8") -> bytes:
    """A CSV file without quotes."""
    return (
        "\r\n".join(",".join(str(cell) for cell in cells) for cells in (header, *rows)).encode(encoding)
        + b"\r\n"
    )


def receive(
    content: bytes, *, by: User, name: str = "list.xlsx", kind: str = ListKind.REGISTER, **details: Any
) -> ListFile:
    """Upload and read a list."""
    file = lists.receive(
        source=io.BytesIO(content), name=name, kind=kind, region_id=builders.GUIGANG, by=by, at=AT, **details
    )
    return lists.process(list_id=file.pk, at=AT)


def apply(file: ListFile, *, by: User) -> ListFile:
    """Confirm a read list and apply it."""
    lists.confirm(list_id=file.pk, by=by, at=AT)
    return lists.process(list_id=file.pk, at=AT)


def found(file: ListFile) -> list[tuple[int, str, str]]:
    """(line, outcome, code) of every line that is kept."""
    return list(file.lines.order_by("line_no").values_list("line_no", "outcome", "code"))
