"""A county's whole window over all channels, by a seed: every yuan ends in one place, and the books are green.

COUNTY_PERSONS persons (default 60; 20,000 by hand) and COUNTY_SEEDS seeds (default "1"); a seed replays its run.
"""

import os
from pathlib import Path

import pytest

from bureau import audit
from payments.models import OrderDebit, Payment
from payments.services import receivables
from tests import builders
from tests.payments import kit
from tests.payments.county import BEGIN, County, debit_the_rest, split

PERSONS = int(os.environ.get("COUNTY_PERSONS", "60"))
SEEDS = [int(seed) for seed in os.environ.get("COUNTY_SEEDS", "1").split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_window(committed: None, tmp_path: Path, seed: int) -> None:
    """Lost and late answers, doubles, wrong amounts, reversals, cancellations; then the bank's batch for the rest."""
    with audit.acting(by=None, why="a test's staff"):
        town = kit.Town(builders.make_staff("clerk"), builders.make_staff("supervisor"))
    persons = kit.people(PERSONS)
    receivables.assess(region_id=kit.REGION, year=kit.YEAR, on=BEGIN.date(), by=None, at=BEGIN)
    by_themselves, _by_the_bank = split(persons)
    county = County(by_themselves, seed)
    county.play()
    county.check()
    assert set(county.model.steps) >= {"plain"}
    before = Payment.objects.count()
    debit_the_rest(town, tmp_path, seed)
    assert Payment.objects.count() > before
    county.check()


def test_a_seed_replays_its_run(committed: None) -> None:
    """The same seed does the same things in the same order to other people."""
    told = []
    for _run in range(2):
        persons = kit.people(12)
        receivables.assess(region_id=kit.REGION, year=kit.YEAR, on=BEGIN.date(), by=None, at=BEGIN)
        before = OrderDebit.objects.count()
        county = County(persons, 7)
        county.secret = {}
        county.serials = before * 100
        county.play()
        rows = OrderDebit.objects.order_by("pk")[before:]
        told.append([(row.channel, row.amount, row.debited_at, row.outcome, row.was) for row in rows])
    assert told[0] == told[1]
