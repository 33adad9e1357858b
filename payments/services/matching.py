"""Matching: each staged line against the frozen instructions of its batch, and what must hold the whole file."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from payments.files.refusals import HELD_CODES, too_many_rejected
from payments.keys import instructions_of_year
from payments.models import BankFile, BankProfile, ClosedDay, DebitBatch
from payments.services import statements
from payments.services.staging import Tables, Totals
from payments.states import FileState

_TOTALS = (
    ("lines", "lines", "COUNT_DIFFERS"),
    ("amount", "amount", "TOTAL_DIFFERS"),
    ("ok_lines", "ok_lines", "TOTAL_DIFFERS"),
    ("ok_amount", "ok_amount", "TOTAL_DIFFERS"),
    ("failed_lines", "other_lines", "TOTAL_DIFFERS"),
    ("failed_amount", "other_amount", "TOTAL_DIFFERS"),
)


def resolve(*, tables: Tables, batch: DebitBatch, profile: BankProfile, file_id: int, today: date) -> None:
    """Make the resolved table of a staged file: order, instruction, amounts, date, what it says, rules 1 to 4.

    ``today`` (Asia/Shanghai) bounds debit dates. ``file_id`` is the file whose own lines are no earlier answer (0: dry run).
    """
    low, high = instructions_of_year(batch.benefit_year)
    values: dict[str, Any] = {
        "batch": batch.pk,
        "bank": profile.pk,
        "file": file_id,
        "low": low,
        "high": high,
        "year_base": low,
        "prefix": f"{batch.region_id}-{batch.benefit_year}-",
        "code_set": profile.code_set,
        "debit_from": batch.debit_from,
        "debit_to": batch.debit_to,
        "today": today,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for stage in ("resolve", "resolve_patterns", "resolve_serials", "resolve_prior"):
            statements.run(cursor, stage, tables.names, **values)


def serials_overlap(*, bank: str, file_id: int, totals: Totals) -> bool:
    """Whether a booked line of another file of the bank may share a serial with this one (range against range)."""
    if totals.first_serial is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM payments_bankline WHERE bank_id = %s AND bucket IN (1, 2) "
            "AND serial BETWEEN %s AND %s AND NOT id BETWEEN %s AND %s)",
            [bank, totals.first_serial, totals.last_serial, file_id * 10**8, file_id * 10**8 + 10**8 - 1],
        )
        return bool(cursor.fetchone()[0])


def twin_of(*, content_sha256: str, file_id: int) -> int | None:
    """Another file with the same content but for line ends, unless it was rejected."""
    same = BankFile.objects.filter(content_sha256=content_sha256).exclude(pk=file_id)
    return same.exclude(state=FileState.REJECTED).order_by("id").values_list("pk", flat=True).first()


def hold_reasons(
    *, header: dict[str, Any], totals: Totals, content_sha256: str, file_id: int, region_id: str
) -> list[dict[str, Any]]:
    """Why a file must wait for a second person; empty when nothing speaks against it (design: bank-files 8.1, HELD)."""
    found: list[dict[str, Any]] = []
    for claim, read, code in _TOTALS:
        said, counted = Decimal(str(header[claim])), Decimal(getattr(totals, read))
        if said != counted:
            found.append({"code": code, "field": claim, "said": str(said), "read": str(counted)})
    for read, code in (
        ("unreadable", "LINE_UNREADABLE"),
        ("amount_unreadable", "AMOUNT_UNREADABLE"),
        ("over_limit", "AMOUNT_OVER_LIMIT"),
    ):
        number = getattr(totals, read)
        if number:
            found.append({"code": code, "lines": number, "first_line": (totals.first_fault or 0) + 1})
    if too_many_rejected(totals.rejected, totals.lines):
        found.append({"code": "TOO_MANY_REJECTED", "lines": totals.rejected})
    twin = twin_of(content_sha256=content_sha256, file_id=file_id)
    if twin is not None:
        found.append({"code": "SAME_CONTENT", "file": twin})
    if ClosedDay.objects.filter(region_id=region_id, day=header["processed_on"]).exists():
        found.append({"code": "DAY_CLOSED", "day": header["processed_on"]})
    return sorted(found, key=lambda reason: HELD_CODES.index(reason["code"]))
