"""Work of the refunds that nobody waits for."""

import logging

from bureau import clock
from bureau.celery import app
from enrollment.models import Policy
from refunds.services import candidates, clocks

log = logging.getLogger(__name__)


@app.task(name="refunds.tasks.tick")
def tick() -> None:
    """Remind, close, end what was taken back. Retry is safe: each of them happens once, whoever asks."""
    log.info("refunds: %s", clocks.tick(at=clock.now()))


@app.task(name="refunds.tasks.find_candidates")
def find_candidates() -> None:
    """Look through the books of the years that run. Retry is safe: nothing is found twice."""
    today = clock.today()
    places = Policy.objects.filter(
        benefit_year__in=(today.year - 1, today.year, today.year + 1), state="PUBLISHED"
    )
    for region_id, year in places.order_by("region_id", "benefit_year").values_list(
        "region_id", "benefit_year"
    ):
        found = candidates.find(region_id=region_id, year=year, at=clock.now())
        if found.new:
            log.info("refunds: %s new in %s %s", found.new, region_id, year)
