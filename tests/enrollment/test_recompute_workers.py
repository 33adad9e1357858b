"""Two workers at one recomputing."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from enrollment.services import policyruns
from tests.enrollment.test_recompute import (
    PUBLISHED,
    WORKED,
    closed_early,
    extended,
    late_payers,
    publish,
    run_of,
    start,
)


def test_two_workers_do_not_work_on_one_run(committed: None) -> None:
    with transaction.atomic():
        rows = late_payers(2)
        start(rows, closed_early())
        run = run_of(publish(extended(), 3, at=PUBLISHED + timedelta(hours=1)))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT id FROM enrollment_policyrun WHERE id = %s FOR UPDATE", [run.pk])
            with pytest.raises(policyruns.RunBusy):
                policyruns.complete(run_id=run.pk, at=WORKED)
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert policyruns.complete(run_id=run.pk, at=WORKED).moved == 2
