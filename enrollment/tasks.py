"""Doors of the workers for the register. Tasks carry ids only; PostgreSQL decides what is to do."""

import logging

from kombu.exceptions import OperationalError as BrokerAway

from bureau import clock
from bureau.celery import app
from enrollment.services import lists, listwork, policyruns

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


@app.task(name="enrollment.tasks.process_list")
def process_list(*, list_id: int) -> None:
    """Read a list, or apply a confirmed one. Retry is safe: the lease lets one worker in, reading only stages, and each chunk
    moves the list's mark in the transaction that applies it.
    """
    try:
        lists.process(list_id=list_id, at=clock.now())
    except (listwork.ListNotWaiting, listwork.ListBusy) as waiting:
        log.info("list %s: %s", list_id, waiting.code)


@app.task(name="enrollment.tasks.sweep_lists")
def sweep_lists() -> None:
    """Ring for every list that waits or lost its worker. Retry is safe: it only rings."""
    ring_lists()


def ring_lists() -> None:
    """Send a task for each waiting list; a broker that is away is no failure."""
    try:
        for list_id in listwork.waiting():
            process_list.apply_async(kwargs={"list_id": list_id}, expires=60)
    except BrokerAway:
        log.warning("the broker is away; lists wait in the database")
