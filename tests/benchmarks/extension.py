"""``python -m tests.benchmarks.extension``: an extension after closing, as Hubei's, on a region of 50,000 persons.

Everybody pays in January, after the window; then the window is extended, and what was paid in between is decided again.
Figures are printed, never asserted; everything is rolled back.
"""

import argparse
import os
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - Django must be set up before its apps are imported

from bureau import clock  # noqa: E402
from enrollment.models import Policy, PolicyMove, PolicyRun  # noqa: E402
from enrollment.policy import Terms  # noqa: E402
from enrollment.policyfile import PolicyRow  # noqa: E402
from enrollment.services import cover, policies, policyruns, trying  # noqa: E402

REGION, YEAR, PERSONS = "420100", 2025, 50_000
PEOPLE = """
INSERT INTO enrollment_person (id_type, id_number, id_alias, name, gender, birth_date, phone, person_class, region_id, created_at)
SELECT '99', 'BENCH' || n, '', '张三', '1', DATE '1960-01-01' + (n %% 15000), '', '1501', %(region)s, now()
  FROM generate_series(1, %(persons)s) AS n
RETURNING id
"""
BROKEN = """
INSERT INTO enrollment_priorcover (person_id, benefit_year, scheme, source)
SELECT id, 2020, '390', '' FROM enrollment_person WHERE id_number LIKE 'BENCH%%' AND id %% 50 = 0
"""
PAID = """
CREATE TEMPORARY TABLE bench_paid ON COMMIT DROP AS
SELECT (%(year)s * 10000000000 + 100000000 + row_number() OVER ()) AS receivable_id, id AS person_id,
       %(region)s::varchar AS region_id, DATE '2025-01-02' + (id %% 28)::int AS paid_on
  FROM enrollment_person WHERE id_number LIKE 'BENCH%%'
"""


def publish(terms: Terms, version: int, at: datetime) -> Policy:
    """A version of the region, in force."""
    row = PolicyRow(f"BENCH{version}", REGION, YEAR, version, "", "", terms)
    return policies.load(rows=[row], by=None, at=at).published[0]


def timed(what: str, began: float) -> None:
    """A line of the table."""
    print(f"{what:32}{time.perf_counter() - began:8.2f} s", flush=True)


def main() -> None:
    """Seed, pay, extend, again; roll back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS)
    persons = parser.parse_args().persons
    at = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        values = {"region": REGION, "year": YEAR, "persons": persons}
        began = time.perf_counter()
        cursor.execute(PEOPLE, values)
        cursor.execute(BROKEN, {})
        cursor.execute(PAID, values)
        cursor.execute("ALTER TABLE bench_paid ADD payment_id bigint")
        cursor.execute("UPDATE bench_paid SET payment_id = receivable_id * 100")
        timed("people and payments", began)
        usual = policies.in_force(REGION, YEAR).values
        first = publish(replace(usual, window_close=date(2024, 12, 31)), 1, at)
        began = time.perf_counter()
        cover.start_cover(relation="bench_paid", policy=first, at=at)
        timed("cover of the payments", began)
        extended = replace(usual, window_close=date(2025, 2, 28))
        began = time.perf_counter()
        tried = trying.try_on_region(region_id=REGION, terms=extended, at=at, most=None)
        timed(f"tried: {tried.changed} change", began)
        policy = publish(extended, 2, at + timedelta(hours=1))
        began = time.perf_counter()
        run = policyruns.complete(run_id=PolicyRun.objects.get(policy=policy).pk, at=at)
        timed(f"recomputed: {run.moved} of {run.persons}", began)
        moves = PolicyMove.objects.count()
        again = PolicyRun.objects.create(policy=policy, region_id=REGION, made_at=at)
        began = time.perf_counter()
        again = policyruns.complete(run_id=again.pk, at=at)
        timed(f"again: {again.moved} of {again.persons}", began)
        if PolicyMove.objects.count() != moves:
            raise RuntimeError("the second run moved somebody")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
