"""What happened to a file, in the words and keys that clerks, commands and tests share."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from payments.models import BankFile
from payments.states import Bucket, FileKind, FileState, Outcome

Report = dict[str, Any]
ZERO = Decimal("0.00")
_MONEY = ("amount", "debited", "repeated_amount", "repeated_debited")
_COUNTS = ("lines", "repeated")


def add_up(tallies: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One tally from those of several chunks: buckets, instructions answered first, facts changed."""
    buckets: dict[Bucket, dict[str, Any]] = {
        bucket: dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_MONEY, ZERO) for bucket in Bucket
    }
    answered, answered_amount, changed = 0, ZERO, 0
    for tally in tallies:
        answered += tally["answered"]
        answered_amount += Decimal(tally["answered_amount"])
        changed += tally["changed"]
        for code, row in tally["buckets"].items():
            total = buckets[Bucket(int(code))]
            for key in _COUNTS:
                total[key] += row[key]
            for key in _MONEY:
                total[key] += Decimal(row[key])
    return {"buckets": buckets, "answered": answered, "answered_amount": answered_amount, "changed": changed}


def body(
    *, summed: dict[str, Any], batch_lines: int, batch_amount: Decimal, answered_before: tuple[int, Decimal]
) -> Report:
    """The part of a report that tallies decide; ``answered_before``: lines and yuan answered by earlier files."""
    lines_before, amount_before = answered_before
    return {
        "buckets": {
            bucket.name: {
                "lines": row["lines"],
                "amount": f"{row['amount']:.2f}",
                "debited": f"{row['debited']:.2f}",
                "repeated": row["repeated"],
            }
            for bucket, row in summed["buckets"].items()
        },
        "no_answer": {
            "lines": batch_lines - lines_before - summed["answered"],
            "amount": f"{batch_amount - amount_before - summed['answered_amount']:.2f}",
        },
        "answered": {"lines": summed["answered"], "amount": f"{summed['answered_amount']:.2f}"},
        "changed": summed["changed"],
    }


def empty_body() -> Report:
    """The report of a file of which nothing was read."""
    none = {"lines": 0, "amount": "0.00"}
    return {
        "buckets": {bucket.name: {**none, "debited": "0.00", "repeated": 0} for bucket in Bucket},
        "no_answer": dict(none),
        "changed": 0,
    }


def report_of(file: BankFile, *, already: bool = False) -> Report:
    """The report of a file as it stands; ``already``: the same bytes came again, the first report is repeated, 0 changed."""
    ended = file.report or _empty(file)
    if file.kind == FileKind.RESULT:
        parts = {
            "buckets": {bucket.name: ended["buckets"][bucket.name] for bucket in Bucket},
            "no_answer": ended["no_answer"],
        }
    else:
        parts = {key: value for key, value in ended.items() if key != "changed"}
    return {
        "file": file.pk,
        "name": file.name,
        "state": FileState.REJECTED.value if already else file.state,
        "refused_because": "ALREADY_RECEIVED" if already else refused_because(file.state, file.reasons),
        "reasons": file.reasons,
        "lines": file.lines,
        "amount": f"{file.amount:.2f}",
        **parts,
        "changed": 0 if already else ended["changed"],
        "seconds": round(file.seconds, 3),
    }


def _empty(file: BankFile) -> Report:
    """The report of a file of its kind of which nothing was read."""
    if file.kind == FileKind.RESULT:
        return empty_body()
    if file.kind in (FileKind.STATEMENT, FileKind.TREASURY):
        none = {"lines": 0, "amount": "0.00", "returned": "0.00", "repeated": 0}
        return {"outcomes": {one.name: dict(none) for one in Outcome}, "booked": 0, "closed": 0, "changed": 0}
    return {"answers": {}, "changed": 0}


def refused_because(state: str, reasons: list[dict[str, Any]]) -> str | None:
    """The code that names why a file is not applied: the first reason of a refused, held or parked file."""
    if state in (FileState.REJECTED, FileState.HELD, FileState.PARKED) and reasons:
        return str(reasons[0]["code"])
    return None
