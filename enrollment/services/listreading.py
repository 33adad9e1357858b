"""Reading a list: bytes -> staged rows by COPY -> matched against the register set-based -> a preview. Nothing is applied."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from bureau import access, faults, statements
from bureau.clock import day_of
from bureau.identity import RESIDENT, IdNumberError
from bureau.models import User
from bureau.sheets.limits import IN_A_REQUEST, IN_A_TASK, Limits
from bureau.sheets.reader import open_list
from bureau.sheets.rows import Row
from enrollment.models import Issuer, ListFile, ListKind, ListLine, Outcome
from enrollment.services import identities, listlayouts
from enrollment.services import statements as sql
from enrollment.services.listlayouts import ISSUERS_CATEGORIES, LAYOUTS, Setting, Staged, Wrong

FOLDER = "lists"
IN_THE_REQUEST = IN_A_REQUEST.rows
WITHOUT_SECOND = 500
_LINE_COLUMNS = 'list_id, line_no, outcome, code, "column", value, params'
_REPORT_EVERY = 5_000
_BELOW = """
WITH RECURSIVE below AS (SELECT code FROM bureau_region WHERE code = %s
  UNION SELECT r.code FROM bureau_region r JOIN below b ON r.parent_id = b.code) SELECT code FROM below
"""


@dataclass
class Progress:
    """How many lines were read, for who watches."""

    lines: int = 0


@dataclass
class Reading:
    """What one reading found beside the staged rows."""

    staged: int = 0
    last_line: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    held: bool = False
    sheet: str = ""


def path_of(file: ListFile) -> Path:
    """Where the stored original lies."""
    return Path(settings.MEDIA_ROOT) / FOLDER / file.stored_as


def tables(list_id: int) -> dict[str, str]:
    """The staging tables of a list, as identifiers for the statements."""
    return {"rows": f"staging.l{list_id}_rows", "named": f"staging.l{list_id}_named"}


def is_staged(list_id: int) -> bool:
    """Whether the staged rows are (still) there: they are not logged, a crash of the database empties them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [tables(list_id)["rows"]])
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute(f"SELECT EXISTS (SELECT FROM {statements.quoted(tables(list_id)['rows'])})")
        return bool(cursor.fetchone()[0])


def first_rows(list_id: int, most: int) -> list[tuple[int, str, str]]:
    """(line, name, number) of the first staged rows, for the preview."""
    if not is_staged(list_id):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT line, name, number FROM {statements.quoted(tables(list_id)['rows'])} ORDER BY line LIMIT %s",
            [most],
        )
        return list(cursor.fetchall())


def below(region_id: str) -> list[str]:
    """The region with everything below it."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [region_id])
        return [row[0] for row in cursor.fetchall()]


Judge = Callable[[Iterable[Row], str, Setting], Iterator[tuple[Row, Staged | Wrong]]]
"""What tells a good row of a kind of list from one in error."""


def judge_each(rows: Iterable[Row], kind: str, setting: Setting) -> Iterator[tuple[Row, Staged | Wrong]]:
    """Each row as it comes, none kept."""
    for row in rows:
        yield row, listlayouts.prepare(row, kind, setting)


def stage(
    *,
    file: ListFile,
    today: date,
    limits: Limits = IN_A_TASK,
    progress: Progress | None = None,
    judge: Judge = judge_each,
) -> Reading:
    """Copy the good rows of a list into fresh staging tables, inside a transaction; the others are told.

    Raises a SheetRefused; then nothing stays.
    """
    setting = Setting(
        today=today,
        month=file.month,
        issuer=file.issuer,
        region=frozenset({file.region_id, file.region.name}),
    )
    names, reading = tables(file.pk), Reading()
    with open_list(path_of(file), layout=LAYOUTS[file.kind], limits=limits, sheet=file.sheet) as opened:
        reading.warnings, reading.held, reading.sheet = opened.warnings, opened.held, opened.sheet
        sql.execute("list_open", names)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {statements.quoted(names['rows'])} FROM STDIN") as copy,
            _uncollected(),
        ):
            for staged in _good(judge(opened.rows, file.kind, setting), file.kind, reading, progress):
                copy.write_row(staged)
    _part_twins(names, reading)
    _keep_named(names, reading)
    with connection.cursor() as cursor:
        # However wrong the planner is about a list that came a moment ago, finding a line stays cheap.
        cursor.execute(f"CREATE UNIQUE INDEX ON {statements.quoted(names['rows'])} (line)")
        cursor.execute(f"ANALYZE {statements.quoted(names['rows'])}")
    return reading


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cyclic collector: rows make no cycles, and looking for some took a third of the reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _good(
    judged: Iterator[tuple[Row, Staged | Wrong]], kind: str, reading: Reading, progress: Progress | None
) -> Iterator[Staged]:
    for row, found in judged:
        reading.last_line = row.line
        if progress is not None and row.line % _REPORT_EVERY == 0:
            progress.lines = row.line
            faults.hit("while_staging_list")
        if isinstance(found, Wrong):
            reading.wrong.append(found)
            reading.named += _number_in(row, kind)
            continue
        reading.staged += 1
        yield found


def _number_in(row: Row, kind: str) -> list[str]:
    """The number that a row in error names, where it can be read: a full list must not end who stands in it."""
    place = next(at for at, column in enumerate(LAYOUTS[kind].columns) if column.key == "id_number")
    if kind != ListKind.AID_MEMBERS or len(row.values) <= place or not isinstance(row.values[place], str):
        return []
    try:
        return [identities.check_number(RESIDENT, row.values[place], today=date.max)]
    except IdNumberError:
        return []


def _part_twins(names: dict[str, str], reading: Reading) -> None:
    """Who stands there twice is in error on every line, and each names the others (S14)."""
    gone: list[int] = []
    for twins in sql.rows("list_twins", names):
        reading.named.append(twins["number"])
        gone += twins["lines"]
        told = ", ".join(str(line) for line in twins["lines"][:5])
        column = "证件号码"
        reading.wrong += [
            Wrong(
                line,
                "SAME_PERSON_TWICE",
                {"lines": told},
                column,
                listlayouts.masked(column, twins["number"]),
            )
            for line in twins["lines"]
        ]
    if not gone:
        return
    reading.staged -= len(gone)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {statements.quoted(names['rows'])} WHERE line = ANY(%s)", [gone])


def _keep_named(names: dict[str, str], reading: Reading) -> None:
    if not reading.named:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {statements.quoted(names['named'])} FROM STDIN") as copy,
    ):
        for number in reading.named:
            copy.write_row([number])


def write_lines(*, file: ListFile, reading: Reading, on: date) -> dict[str, int]:
    """Match the staged rows against the register, and keep what every line would do; returns the tallies by outcome."""
    ListLine.objects.filter(list=file).delete()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY enrollment_listline ({_LINE_COLUMNS}) FROM STDIN") as copy,
    ):
        for wrong in sorted(reading.wrong, key=lambda one: one.line):
            params = None if wrong.params is None else Jsonb(wrong.params)
            copy.write_row(
                [
                    file.pk,
                    wrong.line,
                    Outcome.ERROR.value,
                    wrong.code,
                    wrong.column[:60],
                    wrong.value[:80],
                    params,
                ]
            )
    _match(file, reading.last_line, on)
    tallies: dict[str, int] = {}
    ended = 0
    for row in sql.rows("list_tally", list=file.pk):
        tallies[row["outcome"]] = tallies.get(row["outcome"], 0) + row["lines"]
        ended += row["lines"] if row["code"] == "CATEGORY_ENDED" else 0
    tallies["SAME"] = reading.staged + len(reading.wrong) - (sum(tallies.values()) - ended)
    return tallies


def _match(file: ListFile, last: int, on: date) -> None:
    names, uploader = tables(file.pk), file.uploaded_by
    values: dict[str, Any] = {"list": file.pk}
    match file.kind:
        case ListKind.REGISTER:
            values |= {"region": file.region_id, "regions": scope_of(uploader), "day": on}
            sql.execute("list_match_register", names, **values)
        case ListKind.AID_MEMBERS:
            categories = sorted(ISSUERS_CATEGORIES.get(file.issuer, frozenset()))
            values |= {
                "below": below(file.region_id),
                "month": file.month,
                "last": last,
                "categories": categories,
            }
            sql.execute("list_match_aid", names, **values)
        case ListKind.DEATHS:
            sql.execute("list_match_deaths", names, **values, below=below(file.region_id))
        case _checks:
            claim = file.kind == ListKind.TAX_CLAIM
            values |= {
                "below": below(file.region_id),
                "month": file.month,
                "kind": file.kind,
                "number_column": "身份证号码" if claim else "身份证号",
                "category_column": "代缴类别" if claim else "特殊人员身份类别",
            }
            sql.execute("list_match_check", names, **values)


def scope_of(user: User) -> list[str] | None:
    """The codes of the regions of ``user`` (None: everywhere)."""
    codes = access.regions_of(user)
    return None if codes is None else sorted(codes)


def read_now(
    *,
    file: ListFile,
    at: Any,
    limits: Limits = IN_A_TASK,
    progress: Progress | None = None,
    judge: Judge = judge_each,
) -> Reading:
    """Stage and match a list inside one transaction; the caller moves its state. Raises a SheetRefused."""
    with transaction.atomic():
        reading = stage(file=file, today=day_of(at), limits=limits, progress=progress, judge=judge)
        faults.hit("after_staging_list")
        file.tallies = write_lines(file=file, reading=reading, on=day_of(at))
    if reading.staged > IN_THE_REQUEST and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            # The planner is told before the list is applied; autovacuum may come too late.
            cursor.execute("ANALYZE enrollment_listline")
    file.rows = reading.staged + len(reading.wrong)
    file.warnings, file.sheet = reading.warnings, reading.sheet[:100]
    last = ListLine.objects.filter(list=file).order_by("-line_no").values_list("line_no", flat=True)[:1]
    file.last_line = max([reading.last_line, *last])
    small = file.kind == ListKind.REGISTER and file.rows <= WITHOUT_SECOND
    file.second_person = not small or reading.held
    return reading


def source_of(file: ListFile) -> str:
    """How rows that a list makes name it."""
    return f"{Issuer(file.issuer).value} {file.month:%Y-%m} #{file.pk}"
