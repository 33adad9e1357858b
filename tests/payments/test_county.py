"""A county's whole window over all channels, by a seed: every yuan ends in one place, and the books are green.

COUNTY_PERSONS persons (default 60; 20,000 by hand) and COUNTY_SEEDS seeds (default "1"); a seed replays its run.
"""

import os
from pathlib import Path

import pytest

from bureau import audit
from payments.models import OrderDebit, Payment, SettlementLine
from payments.services import receivables
from tests import builders, slate
from tests.payments import countyend, kit
from tests.payments.county import BEGIN, County, split

PERSONS = int(os.environ.get("COUNTY_PERSONS", "60"))
SEEDS = [int(seed) for seed in os.environ.get("COUNTY_SEEDS", "1").split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_window(committed: None, tmp_path: Path, seed: int) -> None:
    """Lost and late answers, doubles, wrong amounts, reversals, cancellations, lists with faults; then the bank's batch."""
    with audit.acting(by=None, why="a test's staff"):
        town = kit.Town(builders.make_staff("clerk"), builders.make_staff("supervisor"))
    persons = kit.people(PERSONS)
    receivables.assess(region_id=kit.REGION, year=kit.YEAR, on=BEGIN.date(), by=None, at=BEGIN)
    by_themselves, _by_the_bank = split(persons)
    county = County(by_themselves, seed, town.clerk)
    county.play()
    countyend.check(county)
    before = Payment.objects.count()
    county.debit_the_rest(town, tmp_path)
    assert Payment.objects.count() > before
    countyend.check(county)


def test_a_seed_replays_its_run(committed: None) -> None:
    """The same seed does the same things in the same order to other people."""
    told = []
    for _run in range(2):
        mark = slate.mark()
        with audit.acting(by=None, why="a test's staff"):
            by = builders.make_staff("clerk")
        persons = kit.people(7)
        receivables.assess(region_id=kit.REGION, year=kit.YEAR, on=BEGIN.date(), by=None, at=BEGIN)
        county = County(persons, 7, by)
        county.play()
        debits = OrderDebit.objects.order_by("pk").values_list(
            "channel", "amount", "debited_at", "outcome", "was"
        )
        lines = SettlementLine.objects.order_by("pk").values_list(
            "channel", "day", "outcome", "turn", "amount"
        )
        told.append([*debits, *lines])
        slate.wipe(mark)
    assert told[0] == told[1]
