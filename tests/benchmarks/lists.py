"""``python -m tests.benchmarks.lists``: a province's list as a ratio to reading it and copying the same columns.

The floor is python-calamine's read of the same XLSX file, row by row into COPY of the same columns (text, no constraint, no
index, no history). Figures are printed, never asserted. ``--rows`` for a smaller list.
"""

import argparse
import os
import tempfile
import time
import uuid
from datetime import date
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
django.setup()

# Django must be set up before its apps are imported.
import python_calamine  # noqa: E402
import xlsxwriter  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bureau import clock  # noqa: E402
from bureau.identity import check_digit  # noqa: E402
from enrollment.models import ListFile, ListKind  # noqa: E402
from enrollment.services import listlines, lists  # noqa: E402
from tests import builders  # noqa: E402

HEADER: tuple[str, ...] = ("姓名", "证件类型", "证件号码", "性别", "出生日期", "人员类别", "手机号码")
HEADER += ("户主证件号码", "与户主关系", "镇街", "村居", "住址")
REGION, ROWS = "450800", 200_000
FAMILY = ("户主", "配偶", "子女", "子女")
SURNAMES, GIVEN = (
    "李王张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉",
)


def number(nth: int) -> str:
    """The nth ID number that passes its check digit, of the county 450803."""
    day = date.fromordinal(date(1950, 1, 1).toordinal() + nth // 999)
    body = f"450803{day:%Y%m%d}{nth % 999 + 1:03d}"
    return body + check_digit(body)


def write(path: Path, rows: int, first: int) -> None:
    """A list of families of four, every cell text."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, HEADER)
        for at in range(rows):
            nth = first + at
            own, head = number(nth), number(nth - nth % 4)
            name = SURNAMES[nth // 4 % 20] + GIVEN[nth % 30] + GIVEN[nth // 30 % 30]
            sheet.write_row(
                at + 1,
                0,
                (
                    name, "居民身份证", own, "", f"{own[6:10]}-{own[10:12]}-{own[12:14]}", "普通居民",
                    f"138{nth % 10**8:08d}", head, FAMILY[nth % 4], "港城街道", f"第{nth // 400 % 200}村",
                    f"{nth // 4 % 100}号",
                ),
            )  # fmt: skip


def floor(path: Path) -> tuple[float, float]:
    """Seconds of reading alone, and of COPY of what was read."""
    started = time.perf_counter()
    with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
        rows = list(book.get_sheet_by_index(0).iter_rows())
    read = time.perf_counter() - started
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{at} text" for at in range(len(HEADER)))
        cursor.execute(f"DROP TABLE IF EXISTS staging.floor; CREATE TABLE staging.floor ({columns})")
        started = time.perf_counter()
        with cursor.copy("COPY staging.floor FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        copied = time.perf_counter() - started
        cursor.execute("DROP TABLE staging.floor")
    return read, copied


def imported(path: Path) -> tuple[ListFile, float, float]:
    """The applied list, seconds until its preview, seconds of applying it."""
    mark = uuid.uuid4().hex[:8]
    clerk = builders.make_staff("clerk", username=f"clerk-{mark}")
    supervisor = builders.make_staff("supervisor", username=f"supervisor-{mark}")
    started = time.perf_counter()
    with path.open("rb") as stream:
        file = lists.receive(
            source=stream, name=path.name, kind=ListKind.REGISTER, region_id=REGION, by=clerk, at=clock.now()
        )
    file = lists.process(list_id=file.pk, at=clock.now())
    read = time.perf_counter() - started
    started = time.perf_counter()
    if file.second_person:
        lists.confirm(list_id=file.pk, by=supervisor, at=clock.now())
    else:
        lists.confirm(list_id=file.pk, by=clerk, at=clock.now())
    file = lists.process(list_id=file.pk, at=clock.now())
    return file, read, time.perf_counter() - started


def main() -> None:
    """One round, and the same list once more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--first", type=int, default=0, help="the first person's number, for another round")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        write(path, options.rows, options.first)
        read, copied = floor(path)
        file, looked, applied = imported(path)
        counts = listlines.counts(file)
        again, second, nothing = imported(path)
    whole = looked + applied
    print(f"floor: read {read:.2f} s + COPY {copied:.2f} s = {read + copied:.2f} s")
    print(f"import: preview {looked:.2f} s + apply {applied:.2f} s = {whole:.2f} s, {file.state} {counts}")
    print(f"same list again: {second + nothing:.2f} s, {listlines.counts(again)}")
    print(f"ratio {whole / (read + copied):.2f} (bound 6)")


if __name__ == "__main__":
    main()
