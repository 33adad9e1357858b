"""After cover was recomputed by a later version of the terms: whose payment is more than the new price of its day.

Enrolment writes the run; payments pull it once it has ended. The prices come from the pure rules of the terms.
"""

import json
from datetime import datetime

from django.db import connection, transaction

from bureau.errors import BureauError, gettext_noop
from enrollment.models import PolicyRun
from enrollment.services import policies
from enrollment.states import PolicyRunState
from payments.models import Payment, PriceCheck
from payments.services import statements
from payments.services.receivables import pricing

YEAR = Payment.partition.factor


class RunNotFinished(BureauError):
    """Prices are compared when the cover has been recomputed."""

    code = "POLICY_RUN_NOT_FINISHED"
    message = gettext_noop("Recomputing %(run)s is %(state)s: its payments are compared when it is done.")


def waiting() -> list[int]:
    """Finished runs whose payments were not compared yet, oldest first."""
    runs = PolicyRun.objects.filter(state=PolicyRunState.DONE, price_check__isnull=True)
    return list(runs.order_by("pk").values_list("pk", flat=True))


def compare(*, run_id: int, at: datetime) -> int:
    """Write down the payments above the price of their debit date by the run's version; returns how many were found.

    A run that was compared before is left as it is. Raises RunNotFinished.
    """
    with transaction.atomic():
        run = PolicyRun.objects.select_for_update(of=("self",)).select_related("policy").get(pk=run_id)
        if run.state != PolicyRunState.DONE:
            raise RunNotFinished(run=run_id, state=run.state)
        known = PriceCheck.objects.filter(pk=run_id).order_by("pk").first()
        if known is not None:
            return known.found
        found = _find(run, at)
        PriceCheck.objects.create(run=run, found=found, checked_at=at)
        return found


def _find(run: PolicyRun, at: datetime) -> int:
    terms, year = run.policy.values, run.policy.benefit_year
    regions = policies.governed(run.policy.region_id, year)
    payments = Payment.objects.filter(pk__gte=year * YEAR, pk__lt=(year + 1) * YEAR, region_id__in=regions)
    dates = payments.order_by("debited_on").values_list("debited_on", flat=True).distinct()
    days = [{"day": day, **pricing(terms, day)} for day in dates]
    if not days:
        return 0
    told = ("day", "late", "newborn_since", "switch_since")
    shared = ("prices", "aids", "split", "child_after", "elder_until", "newborn_free", "year_start")
    with connection.cursor() as cursor:
        return statements.run(
            cursor,
            "price_differences",
            policy=run.policy_id,
            run=run.pk,
            year=year,
            regions=regions,
            at=at,
            days=json.dumps([{key: day[key] for key in told} for day in days], default=str),
            **{key: days[0][key] for key in shared},
        )
