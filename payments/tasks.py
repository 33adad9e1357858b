"""Doors of the workers. Tasks carry ids only; PostgreSQL decides what is to do, so each may be repeated at any time."""

import logging
from datetime import timedelta

from django.conf import settings
from kombu.exceptions import OperationalError as BrokerAway

from bureau import clock
from bureau.celery import app
from payments import voucherpdf
from payments.services import (
    books,
    daycuts,
    debitcases,
    dispatch,
    expiry,
    leases,
    messages,
    pricedifferences,
    registerchanges,
    river,
    statistics,
    voucherbatches,
    vouchers,
)

log = logging.getLogger(__name__)


@app.task(name="payments.tasks.process_file")
def process_file(*, file_id: int) -> None:
    """Take one file down the river. Retry is safe: the lease lets one worker in, every stage may be repeated."""
    try:
        river.process(file_id=file_id, at=clock.now())
    except (leases.NotWaiting, leases.Busy, leases.BatchBusy) as waiting:
        log.info("file %s: %s", file_id, waiting.code)
    ring()


@app.task(name="payments.tasks.help_file")
def help_file(*, file_id: int) -> None:
    """Post chunks of a file that another worker leads. Retry is safe: a chunk's row changes once, with its facts."""
    river.help_posting(file_id=file_id, at=clock.now())


@app.task(name="payments.tasks.sweep")
def sweep() -> None:
    """Ring for every file that waits or lost its worker. Retry is safe: it only rings."""
    ring()


@app.task(name="payments.tasks.pull_register")
def pull_register() -> None:
    """Act on what changed in the register. Retry is safe: the mark moves in the transaction that acts on a change."""
    while (done := registerchanges.pull(at=clock.now())).changes:
        log.info("register: %s", done)


@app.task(name="payments.tasks.compare_prices")
def compare_prices(*, run_id: int) -> None:
    """Find payments above the price of a version that was published later. Retry is safe: a run is compared once."""
    found = pricedifferences.compare(run_id=run_id, at=clock.now())
    log.info("recomputing %s: %s payments above the new price", run_id, found)


@app.task(name="payments.tasks.sweep_price_differences")
def sweep_price_differences() -> None:
    """Ring for every finished recomputing whose payments were not compared. Retry is safe: it only rings."""
    try:
        for run_id in pricedifferences.waiting():
            compare_prices.apply_async(kwargs={"run_id": run_id}, expires=60)
    except BrokerAway:
        log.warning("the broker is away (%s...); prices wait", settings.CELERY_BROKER_URL[:12])


@app.task(name="payments.tasks.expire_orders")
def expire_orders() -> None:
    """Ask about orders whose time is over. Retry is safe: an order ends once, a serial is booked once."""
    found = expiry.expire(at=clock.now())
    if found != expiry.Expired():
        log.info("orders: %s", found)


@app.task(name="payments.tasks.pull_debit_cases")
def pull_debit_cases() -> None:
    """Open, close and escalate debits that were not posted. Retry is safe: a second pull changes nothing."""
    if (done := debitcases.pull(at=clock.now())).changed:
        log.info("debits not posted: %s", done)


@app.task(name="payments.tasks.cut_yesterday")
def cut_yesterday() -> None:
    """Count yesterday three ways, and earlier days that were not even. Retry is safe: a cut only counts."""
    made = daycuts.cut(day=clock.today() - timedelta(days=1), by=None, at=clock.now())
    log.info("day cut: %s rows changed", made.changed)


@app.task(name="payments.tasks.check_books")
def check_books() -> None:
    """Run the invariants and log every one that fails. Retry is safe: it only reads."""
    for result in books.run_checks():
        if not result.ok:
            log.error("books: %s does not hold, %s rows", result.code, result.count)


@app.task(name="payments.tasks.count_statistics")
def count_statistics() -> None:
    """Count this year's and next year's register. Retry is safe: a count replaces the one before."""
    today = clock.today()
    for year in (today.year, today.year + 1):
        statistics.count(year=year, on=today, at=clock.now())


def ring() -> None:
    """Send a task for each waiting file and each running one that needs hands; a broker that is away is no failure."""
    try:
        for file_id in dispatch.waiting():
            process_file.apply_async(kwargs={"file_id": file_id}, expires=60)
        for file_id in dispatch.needing_hands(chunks=2):
            help_file.apply_async(kwargs={"file_id": file_id}, expires=60)
    except BrokerAway:
        log.warning("the broker is away (%s...); files wait in the database", settings.CELERY_BROKER_URL[:12])


def ring_register() -> None:
    """Ask for a pull of the register's changes now; a broker that is away is no failure, the schedule asks again."""
    try:
        pull_register.apply_async(expires=60)
    except BrokerAway:
        log.warning("the broker is away (%s...); the register waits", settings.CELERY_BROKER_URL[:12])


@app.task(name="payments.tasks.issue_vouchers")
def issue_vouchers() -> None:
    """Issue vouchers whose time has come, cancel those of money taken back. Retry is safe: a payment has one voucher."""
    issued = vouchers.issue_due(at=clock.now())
    if issued:
        log.info("%s vouchers issued", issued)


@app.task(name="payments.tasks.print_vouchers")
def print_vouchers(*, batch_id: int) -> None:
    """Print a batch of vouchers. Retry is safe: the lease lets one worker in, and it goes on behind the last part."""
    try:
        voucherbatches.process(batch_id=batch_id, printer=voucherpdf.print_part, at=clock.now())
    except (voucherbatches.VoucherBatchBusy, voucherbatches.VoucherBatchMoved) as waiting:
        log.info("vouchers %s: %s", batch_id, waiting.code)


@app.task(name="payments.tasks.sweep_vouchers")
def sweep_vouchers() -> None:
    """Ring for every batch of vouchers that waits or lost its worker. Retry is safe: it only rings."""
    ring_vouchers()


def ring_vouchers() -> None:
    """Send a task for each waiting batch of vouchers; a broker that is away is no failure."""
    try:
        for batch_id in voucherbatches.waiting():
            print_vouchers.apply_async(kwargs={"batch_id": batch_id}, expires=60)
    except BrokerAway:
        log.warning(
            "the broker is away (%s...); vouchers wait in the database", settings.CELERY_BROKER_URL[:12]
        )


@app.task(name="payments.tasks.pull_messages")
def pull_messages() -> None:
    """Queue what persons are to be told. Retry is safe: a fact is told once, whoever asks."""
    log.info("messages: %s", messages.pull(at=clock.now()))
