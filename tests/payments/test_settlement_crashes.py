"""Wherever a worker dies over a statement, the same file again ends in the same books."""

import signal
import subprocess

import pytest

from payments.models import BankFile, DebitCase, Payment, SettlementLine, WorkItem
from payments.services import reports, river
from payments.states import FileKind
from tests import forked
from tests.payments import kit
from tests.payments import settlementkit as k
from tests.payments.settlementkit import RECEIVED, Said, open_for, people

POINTS = (
    "after_claim",
    "after_staging",
    "after_matching",
    "after_admission",
    "after_judging",
    "after_lines",
    "after_payments",
    "after_workitems",
    "before_chunk_commit",
    "after_chunk_commit",
    "after_finish",
)


def run(file_id: int, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """Process a file in another process at the day after."""
    return forked.run(lambda: river.process(file_id=file_id, at=RECEIVED), RIVER_CHUNK_LINES="2", **changes)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_a_statement_ends_the_same(committed: None, point: str) -> None:
    """Equal, never told, long and short lines: outcomes, bookings, work and cases as without the crash."""
    made = k.paid(3)
    (person,) = people(1)
    untold = open_for(person)
    lines = [
        Said("S1", made[0].number),
        Said("S9", untold.number),
        Said("X1", "NONE"),
        Said("S2", made[1].number),
    ]
    received = k.bring(k.statement(lines), FileKind.STATEMENT, k.clerk())
    dead = run(received.file.pk, FAULT_POINT=point)
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()[-2000:]
    done = run(received.file.pk)
    assert done.returncode == 0 or b"NotWaiting" in done.stderr, done.stderr.decode()[-2000:]
    report = reports.report_of(BankFile.objects.get(pk=received.file.pk))
    assert (report["state"], k.lines_of(report)) == (
        "APPLIED",
        {"MATCHED": 2, "OURS_ONLY": 1, "THEIRS_ONLY": 2},
    )
    k.adds_up(report, "1600.00")
    assert (SettlementLine.objects.count(), Payment.objects.count()) == (5, 4)
    assert (WorkItem.objects.count(), DebitCase.objects.count()) == (2, 1)
    kit.books_green()
