"""`manage.py demo`: the whole river on one machine, then the admin. The body of `make demo`.

It starts a Celery worker and beat beside itself and then only calls the other commands, one after the other.
Each of them is idempotent, so a second run goes on where the first was interrupted and changes nothing when
all is done.
"""

import json
import os
import sys
import time
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bureau import schema
from bureau.children import grab, open_lock
from bureau.desk import demo
from bureau.home import Home
from bureau.sidecars import Sidecars, free_port_from

BANK = "103"
SEED = "7"
ANSWER_SEED = "1"
UNFINISHED = {"QUEUED", "RUNNING"}
PATIENCE = 1800.0


class Command(BaseCommand):
    """Run the demonstration; Ctrl-C or SIGTERM stops everything that it started."""

    help = "Runs the river from the register to a reconciled bank file, then serves the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many residents of which region and year, and whether to serve the admin afterwards."""
        parser.add_argument("--persons", type=int, default=100_000)
        parser.add_argument("--region", default="450800")
        parser.add_argument("--year", type=int, default=2025)
        parser.add_argument("--serve", action=BooleanOptionalAction, default=True)
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, start worker and beat, let the river run, show the result, serve."""
        os.umask(0o077)
        home = Home(settings.VAR_DIR)
        home.prepare()
        self.started = time.monotonic()
        self.region, self.year = options["region"], options["year"]
        with only_one(home), Sidecars(home) as sidecars:
            self.step(_("schema and reference data"))
            schema.migrate(home.var)
            self.step(_("worker and beat"))
            celery = [sys.executable, "-m", "celery", "-A", "bureau"]
            quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
            sidecars.start("worker", [*celery, "worker", "-c", "2", "--loglevel", "INFO", *quiet])
            sidecars.start("beat", [*celery, "beat", "--loglevel", "INFO", "--pidfile="])
            reports = self.river(home, options["persons"], sidecars)
            green = self.books()
            self.summary(reports, green)
            if options["serve"]:
                self.serve(home, sidecars, options["port"])
        if not (green and reports and all(report["state"] == "APPLIED" for report in reports)):
            raise CommandError(_("Not everything ended as it should."), returncode=1)

    def step(self, title: str) -> None:
        """Say what comes next, and how long it has been so far."""
        self.stdout.write(self.style.MIGRATE_HEADING(f"[{time.monotonic() - self.started:6.1f} s] {title}"))
        self.stdout.flush()

    def river(self, home: Home, persons: int, sidecars: Sidecars) -> list[dict[str, Any]]:
        """Run every stage in its order; return the reports of the result files."""
        self.step(_("residents"))
        where = ("--region", self.region, "--year", str(self.year))
        call_command("seed_region", *where, "--persons", str(persons), "--seed", SEED, stdout=self.stdout)
        self.step(_("receivables"))
        call_command("assess", *where, stdout=self.stdout)
        self.step(_("deduction file"))
        requests = self.export(home.var / "demo" / "outbox")
        reports = []
        for request in requests:
            self.step(_("the bank answers %(file)s") % {"file": request.name})
            for result in self.answer(request, home.var / "demo" / "inbox"):
                self.step(_("result file %(file)s") % {"file": result.name})
                reports.append(self.receive(result, sidecars))
        self.step(_("Statistics"))
        call_command("count_statistics", "--year", str(self.year), stdout=self.stdout)
        return reports

    def export(self, outbox: Path) -> list[Path]:
        """Return the request files of the released batches, exporting them unless all are there."""
        outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        requests = self.requests(outbox)
        if not requests or not all(path.exists() for path in requests):
            where = ("--region", self.region, "--year", str(self.year), "--bank", BANK)
            day = ("--debit-date", f"{self.year}-01-15")
            call_command("export_debits", *where, *day, "--out", str(outbox), stdout=self.stdout)
        return self.requests(outbox)

    def requests(self, outbox: Path) -> list[Path]:
        """Return where the request files of the released batches are, or would be."""
        names = demo.request_files(region=self.region, year=self.year, bank=BANK)
        return [outbox / name for name in names]

    def answer(self, request: Path, inbox: Path) -> list[Path]:
        """Return the bank's result files; the bank answers once, and again only if the request is newer."""
        inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        plan = inbox / f"{request.stem}.plan.json"
        if not plan.exists() or plan.stat().st_mtime < request.stat().st_mtime:
            said = called("simulate_bank", str(request), "--out", str(inbox), "--seed", ANSWER_SEED)
            plan.write_text(json.dumps(said, ensure_ascii=False))
        return [inbox / Path(each["file"]).name for each in json.loads(plan.read_text())["files"]]

    def receive(self, result: Path, sidecars: Sidecars) -> dict[str, Any]:
        """Queue a result file and watch until the worker has ended it; the same bytes again do nothing."""
        begun = time.monotonic()
        file = called("receive_file", str(result))["file"]
        report = demo.report(file=file)
        while report["state"] in UNFINISHED:
            sidecars.check()
            waited = time.monotonic() - begun
            if waited > PATIENCE:
                raise CommandError(
                    _("The worker has not finished; see %(log)s.") % {"log": sidecars.home.log}
                )
            self.stdout.write(f"  {report['state']:8} {waited:6.1f} s")
            self.stdout.flush()
            time.sleep(1)
            report = demo.report(file=file)
        ended = f"  {report['state']:8} {report['seconds']:6.1f} s  {report['refused_because'] or ''}"
        self.stdout.write(ended.rstrip())
        return report

    def books(self) -> bool:
        """Check the books; say whether they are green."""
        self.step(_("books"))
        try:
            call_command("check_books", stdout=self.stdout)
        except (CommandError, SystemExit) as failure:
            self.stderr.write(str(failure))
            return False
        return True

    def summary(self, reports: list[dict[str, Any]], green: bool) -> None:
        """Print what is in the database now, and where each line of the result files went."""
        facts = demo.numbers(region=self.region, year=self.year)
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"{self.region}  {self.year}"))
        rows = [
            (_("persons"), f"{facts['persons']:,}"),
            (_("receivables"), f"{facts['receivables']:,}"),
            (_("instructions"), f"{facts['instructions']:,}"),
            (_("payments"), f"{facts['payments']:,}"),
            (_("yuan paid"), f"{facts['yuan']:,.2f}"),
            (_("rows of cover"), f"{facts['cover']:,}"),
            (_("books"), _("green") if green else _("NOT GREEN")),
            (_("seconds"), f"{time.monotonic() - self.started:,.1f}"),
        ]
        for label, value in rows:
            self.stdout.write(f"  {value:>18}  {label}")
        for report in reports:
            self.stdout.write(f"\n  {report['name']}  #{report['file']}  {report['state']}")
            for bucket, row in report["buckets"].items():
                self.stdout.write(f"  {row['lines']:>10,} {row['amount']:>18}  {bucket}")
            missing = report["no_answer"]
            self.stdout.write(f"  {missing['lines']:>10,} {missing['amount']:>18}  NO_ANSWER")
        self.stdout.flush()

    def serve(self, home: Home, sidecars: Sidecars, first_port: int) -> None:
        """Serve the admin on this machine until Ctrl-C."""
        port = free_port_from(first_port)
        address = f"127.0.0.1:{port}"
        web = [sys.executable, "-m", "gunicorn", "bureau.wsgi", "--bind", address, "--no-control-socket"]
        sidecars.start(
            "web", [*web, "--workers", "2", "--threads", "4", "--graceful-timeout", "5"], port=port
        )
        self.stdout.write(self.style.SUCCESS(f"\nhttp://{address}/"))
        logins = home.var / "demo_logins.json"
        for login in json.loads(logins.read_text()) if logins.exists() else []:
            self.stdout.write(f"  {login['username']:24} {login['password']:24} {login['role']}")
        self.stdout.write(_("Ctrl-C stops the admin, the workers and the servers."))
        self.stdout.flush()
        try:
            while True:
                sidecars.check()
                time.sleep(1)
        except KeyboardInterrupt:
            self.stdout.write(_("Stopping ..."))


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the demonstration of this directory alone."""
    lock = open_lock(home.run / "demo")
    try:
        if not grab(lock):
            raise CommandError(_("Another demonstration is running in %(var)s.") % {"var": home.var})
        yield
    finally:
        os.close(lock)


def called(command: str, *args: str) -> dict[str, Any]:
    """Call a command and return the JSON it prints."""
    output = StringIO()
    call_command(command, *args, "--json", stdout=output)
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer
