"""Doors of the workers for the register. Tasks carry ids only; PostgreSQL decides what is to do."""

import logging

from kombu.exceptions import OperationalError as BrokerAway

from bureau import clock
from bureau.celery import app
from enrollment.services import policyruns

log = logging.getLogger(__name__)


@app.task(name="enrollment.tasks.recompute_cover")
def recompute_cover(*, run_id: int) -> None:
    """Recompute cover after a publication. Retry is safe: the run's row lets one worker in, its mark says how far it is,
    and only a decision that differs is written.
    """
    try:
        run = policyruns.complete(run_id=run_id, at=clock.now())
    except (policyruns.RunBusy, policyruns.RunNotWaiting) as waiting:
        log.info("recomputing %s: %s", run_id, waiting.code)
    else:
        log.info("recomputing %s: %s, %s of %s decided otherwise", run_id, run.state, run.moved, run.persons)


@app.task(name="enrollment.tasks.sweep_policy_runs")
def sweep_policy_runs() -> None:
    """Ring for every recomputing that waits or lost its worker. Retry is safe: it only rings."""
    ring_policy_runs()


def ring_policy_runs() -> None:
    """Send a task for each run with work left; a broker that is away is no failure."""
    try:
        for run_id in policyruns.waiting():
            recompute_cover.apply_async(kwargs={"run_id": run_id}, expires=60)
    except BrokerAway:
        log.warning("the broker is away; recomputings wait in the database")
