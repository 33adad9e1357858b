"""Whatever dies, wherever: the same file again ends in the same books."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from kombu import pools

from bureau import clock
from bureau.celery import app
from payments.models import BankFile, BankLine, FileLease, Payment
from payments.services import leases, reports, river
from payments.tasks import ring
from tests import forked
from tests.payments import kit

POINTS = (
    "after_claim",
    "after_staging",
    "after_matching",
    "after_admission",
    "after_judging",
    "after_lines",
    "after_payments",
    "after_cover",
    "after_workitems",
    "before_chunk_commit",
    "after_chunk_commit",
    "after_chunk_commit:2",
    "after_finish",
)
SMALL_CHUNKS = {"RIVER_CHUNK_LINES": "40"}


def child(file_id: int, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """Process a file in another process."""
    return forked.run(lambda: river.process(file_id=file_id, at=kit.RECEIVED_AT), **(SMALL_CHUNKS | changes))


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_the_file_ends_the_same(committed: None, tmp_path: Path, point: str) -> None:
    town = kit.town(tmp_path, 100)
    (file,) = kit.bank(town, seed=21)
    received = kit.upload(town, file)
    dead = child(received.file.pk, FAULT_POINT=point)
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()[-2000:]
    done = child(received.file.pk)
    # Where the first process had finished the file, the second finds nothing to do.
    assert done.returncode == 0 or b"NotWaiting" in done.stderr, done.stderr.decode()[-2000:]
    report = reports.report_of(BankFile.objects.get(pk=received.file.pk))
    kit.agree(report, file)
    assert Payment.objects.count() == report["buckets"]["SETTLED"]["lines"]
    kit.books_green()


def test_a_dead_workers_lease_is_void_at_once(committed: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path, 60)
    (file,) = kit.bank(town, seed=1)
    received = kit.upload(town, file)
    assert (
        child(received.file.pk, FAULT_POINT="after_claim", RIVER_LEASE_SECONDS="3000").returncode
        == -signal.SIGKILL
    )
    lease = FileLease.objects.get(pk=received.file.pk)
    assert lease.token is not None
    assert lease.expires_at > clock.now()
    assert leases.claim(received.file.pk).attempts == 2


def test_a_file_that_kills_its_worker_is_parked(committed: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path, 60)
    (file,) = kit.bank(town, seed=1)
    received = kit.upload(town, file)
    for _attempt in range(leases.MAX_ATTEMPTS):
        assert child(received.file.pk, FAULT_POINT="after_staging").returncode == -signal.SIGKILL
    with pytest.raises(leases.NotWaiting):
        leases.claim(received.file.pk)
    assert BankFile.objects.get(pk=received.file.pk).state == "PARKED"
    assert BankLine.objects.count() == 0


def test_a_second_worker_finds_the_lease_taken(committed: None, tmp_path: Path) -> None:
    town = kit.town(tmp_path, 60)
    (file,) = kit.bank(town, seed=1)
    received = kit.upload(town, file)
    leases.claim(received.file.pk)
    with pytest.raises(leases.Busy):
        leases.claim(received.file.pk)


def test_a_counter_payment_between_judging_and_posting(
    committed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique violation rolls the chunk back; judged again, the line is a duplicate."""
    town = kit.town(tmp_path, 30)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    received = kit.upload(town, file)
    receivable = town.batches[0].instructions.order_by("id").first().receivable_id
    original, done = river.faults.hit, []

    def pay_meanwhile(name: str) -> None:
        if name == "after_judging" and not done:
            done.append(name)
            code = (
                "import django; django.setup(); from datetime import date; from django.db import connection\n"
                "from bureau import clock\nfrom payments.models import Payment, Receivable\n"
                f"r = Receivable.objects.get(pk={receivable})\n"
                "Payment.objects.create(id=r.pk * 100, region_id=r.region_id, person_id=r.person_id, amount=r.amount,"
                " debited_on=date(2025, 1, 10), channel='TAX_HALL', channel_serial='T1', posted_at=clock.now())"
            )
            subprocess.run(
                [sys.executable, "-c", code],
                env=kit.environment(DJANGO_SETTINGS_MODULE="bureau.settings"),
                check=True,
                timeout=60,
            )
        original(name)

    monkeypatch.setattr(river.faults, "hit", pay_meanwhile)
    finished = river.process(file_id=received.file.pk, at=kit.RECEIVED_AT)
    assert (finished.state, done) == ("APPLIED", ["after_judging"])
    assert finished.report["buckets"]["DUPLICATE"]["lines"] == 1
    assert finished.report["buckets"]["SETTLED"]["lines"] == 29


def _worker(prefix: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "bureau", "worker", "-c", "1", "-l", "WARNING"],
        env=kit.environment(CELERY_QUEUE_PREFIX=prefix, **SMALL_CHUNKS),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _stop(worker: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, how)
    worker.wait(timeout=60)


def _until_ended(file_id: int, seconds: float, *, ringing: bool) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = BankFile.objects.values_list("state", flat=True).get(pk=file_id)
        if state in kit.ENDED:
            return state
        if ringing:
            ring()
        time.sleep(1)
    return f"still {state}"


@pytest.fixture
def queue() -> Iterator[str]:
    """The prefix of a queue of one's own; connections that earlier tests of this process left in the pools know another."""
    prefix, before = f"test-{uuid.uuid4().hex[:8]}-", app.conf.broker_transport_options
    app.conf.broker_transport_options = {**before, "global_keyprefix": prefix}
    _forget_connections()
    yield prefix
    app.conf.broker_transport_options = before
    _forget_connections()


def _forget_connections() -> None:
    pools.reset()
    app._after_fork()


@pytest.mark.worker
def test_a_real_worker_takes_the_file_and_another_one_takes_over(
    committed: None, tmp_path: Path, queue: str
) -> None:
    """X02, X11: the worker is killed with its group, the queue is emptied; the next ring brings the file to its end."""
    town = kit.town(tmp_path, 400)
    (file,) = kit.bank(town, seed=8)
    received = kit.upload(town, file)
    first = _worker(queue)
    try:
        ring()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and BankFile.objects.get(pk=received.file.pk).state == "QUEUED":
            time.sleep(0.05)
        assert BankFile.objects.get(pk=received.file.pk).state != "QUEUED"
    finally:
        _stop(first, signal.SIGKILL)
    with app.connection_for_write() as broker:
        broker.default_channel.client.delete(f"{queue}celery")
    second = _worker(queue)
    try:
        assert _until_ended(received.file.pk, 90, ringing=True) == "APPLIED"
    finally:
        _stop(second, signal.SIGTERM)
    connection.close()
    kit.agree(reports.report_of(BankFile.objects.get(pk=received.file.pk)), file)
    kit.books_green()


def test_without_a_broker_the_upload_is_kept(committed: None, tmp_path: Path) -> None:
    """X13: nobody hears the bell; ringing is no failure and the file waits in its table."""
    town = kit.town(tmp_path, 20)
    (file,) = kit.bank(town, seed=1, faults=["all_ok"])
    received = kit.upload(town, file)
    code = "import django; django.setup(); from payments.tasks import ring; ring()"
    rung = subprocess.run(
        [sys.executable, "-c", code],
        env=kit.environment(REDIS_URL="redis://127.0.0.1:1/0", DJANGO_SETTINGS_MODULE="bureau.settings"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (rung.returncode, b"broker is away" in rung.stderr) == (0, True), rung.stderr.decode()[-1000:]
    assert BankFile.objects.get(pk=received.file.pk).state == "QUEUED"
