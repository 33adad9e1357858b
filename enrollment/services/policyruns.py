"""Recomputing cover after a publication: a run works chunk by chunk, each in one transaction that locks the run.

Whoever holds the lock works; a worker that dies leaves the mark where its last commit put it, and the next one goes on
from there. A chunk done twice changes nothing, since only a decision that differs is written.
"""

from datetime import datetime

from django.db import connection, transaction

from bureau import access, audit
from bureau.errors import BureauError, gettext_noop, render
from bureau.models import User
from enrollment.models import PolicyRun
from enrollment.services import policies, recompute
from enrollment.states import PolicyRunState, PolicyState

CHUNK = 20_000
MAX_ATTEMPTS = 3
AGAIN = "policy.publish"


class RunBusy(BureauError):
    """Another worker has the run."""

    code = "POLICY_RUN_BUSY"
    message = gettext_noop("Another worker is recomputing (%(run)s).")


class RunNotWaiting(BureauError):
    """The run is not one to be worked on now."""

    code = "POLICY_RUN_NOT_WAITING"
    message = gettext_noop("Recomputing %(run)s is %(state)s.")


def waiting() -> list[int]:
    """Runs that have work left, oldest first; those whose worker died among them."""
    live = PolicyRun.objects.filter(state__in=[PolicyRunState.QUEUED, PolicyRunState.RUNNING])
    return list(live.order_by("pk").values_list("pk", flat=True))


def advance(*, run_id: int, at: datetime, rows: int = CHUNK) -> PolicyRun:
    """Do the next chunk of a run, in one transaction. Raises RunBusy, RunNotWaiting, CoverRowsExhausted."""
    with transaction.atomic(), audit.acting(by=None, why="recompute cover", run=run_id):
        run = _taken(run_id)
        policy = run.policy
        if policy.state != PolicyState.PUBLISHED:
            return _end(run, PolicyRunState.OVERTAKEN, at)
        regions = policies.governed(policy.region_id, policy.benefit_year)
        with connection.cursor() as cursor:
            recompute.put_in_line(cursor, policy.benefit_year)
            if not run.until:
                run.until = recompute.last_receivable(cursor, year=policy.benefit_year, regions=regions)
            with recompute.decided_again(
                cursor, policy=policy, regions=regions, after=run.reached, rows=rows, at=at
            ) as part:
                if part is None:
                    return _end(run, PolicyRunState.DONE, at)
                if part.changed:
                    recompute.write(cursor, policy=policy, run_id=run.pk, at=at)
        run.reached, run.attempts = part.reached, 0
        run.persons += part.rows
        run.moved += part.changed
        run.state = PolicyRunState.RUNNING.value
        run.save()
        return run


def _taken(run_id: int) -> PolicyRun:
    """The run, locked; raises RunBusy where another worker has it, RunNotWaiting where nothing is to do."""
    rows = PolicyRun.objects.select_for_update(of=("self",), skip_locked=True).select_related("policy")
    run = rows.filter(pk=run_id).order_by("pk").first()
    if run is None:
        raise RunBusy(run=run_id)
    if run.state not in (PolicyRunState.QUEUED, PolicyRunState.RUNNING):
        raise RunNotWaiting(run=run_id, state=run.state)
    return run


def _end(run: PolicyRun, state: PolicyRunState, at: datetime) -> PolicyRun:
    run.state, run.finished_at = state.value, at
    run.save()
    return run


def complete(*, run_id: int, at: datetime, rows: int = CHUNK) -> PolicyRun:
    """Work on a run until it has ended; a failure counts as an attempt, and parks the run after a few.

    Raises RunBusy, RunNotWaiting, and what failed.
    """
    while True:
        try:
            run = advance(run_id=run_id, at=at, rows=rows)
        except (RunBusy, RunNotWaiting):
            raise
        except Exception as error:
            failed(
                run_id=run_id, error=render(error) if isinstance(error, BureauError) else type(error).__name__
            )
            raise
        if run.state not in (PolicyRunState.QUEUED, PolicyRunState.RUNNING):
            return run


def failed(*, run_id: int, error: str) -> None:
    """Count a failed attempt; the last one parks the run until a person looks."""
    with transaction.atomic(), audit.acting(by=None, why="recomputing failed", run=run_id):
        run = PolicyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        if run.state not in (PolicyRunState.QUEUED, PolicyRunState.RUNNING):
            return
        run.attempts += 1
        run.error = error[:500]
        if run.attempts >= MAX_ATTEMPTS:
            run.state = PolicyRunState.PARKED.value
        run.save()


def requeue(*, run_id: int, reason: str, by: User) -> PolicyRun:
    """Let a parked run go on. Raises RunNotWaiting, NotAllowed, OutOfScope."""
    with transaction.atomic(), audit.acting(by=by, why=reason or "recompute again", run=run_id):
        run = PolicyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        access.require(by, AGAIN, run.region_id)
        if run.state != PolicyRunState.PARKED:
            raise RunNotWaiting(run=run_id, state=run.state)
        run.state, run.attempts = PolicyRunState.QUEUED.value, 0
        run.save()
        return run


def start_again(*, policy_id: int, by: User, at: datetime) -> PolicyRun:
    """Queue another recomputing by a version in force; where nothing differs it writes nothing.

    Raises PolicyNotInForce, RunBusy where one is under way, NotAllowed, OutOfScope.
    """
    with transaction.atomic(), audit.acting(by=by, why="recompute again", policy=policy_id):
        policy = policies.locked(policy_id)
        access.require(by, AGAIN, policy.region_id)
        if policy.state != PolicyState.PUBLISHED:
            raise policies.PolicyNotInForce(version=policy.version, state=policy.state)
        live = [PolicyRunState.QUEUED, PolicyRunState.RUNNING, PolicyRunState.PARKED]
        under_way = policy.runs.filter(state__in=live).order_by("pk").first()
        if under_way is not None:
            raise RunBusy(run=under_way.pk)
        return PolicyRun.objects.create(policy=policy, region_id=policy.region_id, made_by=by, made_at=at)
