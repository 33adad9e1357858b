"""``python -m tests.benchmarks.statements``: a channel's statement of a day, as a ratio to copying its columns.

The floor is COPY of the same lines as text into a table without constraint, index or history. The orders of the day are written
by SQL, as a channel's day would have left them. Figures are printed, never asserted. ``--lines`` for a smaller day.
"""

import argparse
import io
import os
import time
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
django.setup()

# Django must be set up before its apps are imported.
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from bureau import audit  # noqa: E402
from payments.files.exchanges import text_file  # noqa: E402
from payments.models import BankFile  # noqa: E402
from payments.services import intake, reports, river, settlements  # noqa: E402
from payments.states import FileKind  # noqa: E402
from tests import builders  # noqa: E402

REGION, CHANNEL, LINES, PRICE = "450800", "WECHAT", 100_000, Decimal("400.00")
DAY = date(2024, 10, 10)
MOMENT = datetime(2024, 10, 10, 2, 0, tzinfo=UTC)
RECEIVED = datetime(2024, 10, 11, 2, 0, tzinfo=UTC)
_ORDERS = """
WITH made AS (
  INSERT INTO payments_order (number, client_code, channel, region_id, payer_name, payer_account, card_type, amount, consent,
                              state, opened_at, locked_until, ended_at, channel_serial, debited_at)
  SELECT %(mark)s || lpad(n::text, 8, '0'), 'bench', %(channel)s, %(region)s, 'x', '', 'DEBIT', %(price)s, false, 'PAID',
         %(at)s, %(at)s + interval '30 minutes', %(at)s, %(mark)s || 'S' || n, %(at)s
    FROM generate_series(1, %(lines)s) AS n
  RETURNING id, channel_serial
)
INSERT INTO payments_orderdebit (order_id, region_id, channel, channel_serial, amount, debited_at, told_at, source, was,
                                 outcome, booked_as_id)
SELECT id, %(region)s, %(channel)s, channel_serial, %(price)s, %(at)s, %(at)s, 'CALL', 'OPEN', 'BOOKED', id FROM made
"""


def content(mark: str, lines: int) -> bytes:
    """The statement: every order of the day, in its order."""
    head = ("S", "1.0", REGION, CHANNEL, f"{DAY:%Y%m%d}", lines, f"{PRICE * lines:.2f}", "0.00")
    rows = ((n, f"{mark}S{n}", f"{mark}{n:08d}", PRICE, "20241010100000", 1) for n in range(1, lines + 1))
    return b"".join(text_file(head, rows))


def floor(data: bytes) -> float:
    """Seconds of COPY of the same lines."""
    text = data.decode("gb18030").split("\r\n", 1)[1].replace("\r\n", "\n")
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{at} text" for at in range(7))
        cursor.execute(f"DROP TABLE IF EXISTS staging.floor; CREATE TABLE staging.floor ({columns})")
        started = time.perf_counter()
        with cursor.copy("COPY staging.floor FROM STDIN (FORMAT text, DELIMITER '|')") as copy:
            copy.write(text)
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE staging.floor")
    return seconds


def main() -> None:
    """One statement, and the same bytes once more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    lines = parser.parse_args().lines
    call_command("migrate", verbosity=0)
    mark = uuid.uuid4().hex[:6].upper()
    with transaction.atomic(), audit.acting(by=None, why="a benchmark's day"), connection.cursor() as cursor:
        clerk = builders.make_staff("clerk", REGION, f"clerk-{mark}")
        cursor.execute(_ORDERS, {"mark": mark, "channel": CHANNEL, "region": REGION, "price": PRICE, "at": MOMENT,
                                 "lines": lines})  # fmt: skip
    data = content(mark, lines)
    copied = floor(data)
    for _time in (1, 2):
        started = time.perf_counter()
        received = intake.receive(
            source=io.BytesIO(data), name=f"{mark}.txt",
            digest=None, by=clerk, at=RECEIVED, kind=FileKind.STATEMENT, course=settlements.statement_of(),
            action=settlements.ACTION,
        )  # fmt: skip
        if received.refusal is None:
            river.process(file_id=received.file.pk, at=RECEIVED)
        seconds = time.perf_counter() - started
        report = reports.report_of(
            BankFile.objects.get(pk=received.file.pk), already=received.refusal is not None
        )
        found = {name: row["lines"] for name, row in report["outcomes"].items() if row["lines"]}
        print(
            f"{report['state']}: {seconds:.2f} s, {found}, ratio {seconds / copied:.1f} to COPY {copied:.2f} s"
        )


if __name__ == "__main__":
    main()
