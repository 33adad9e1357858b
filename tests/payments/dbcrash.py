"""PostgreSQL is killed with -9 in the middle of posting; run below ``python -m bureau.embedded run --throwaway --durable``."""

import os
import signal
import sys
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
    os.environ["RIVER_CHUNK_LINES"] = "60"
    django.setup()
    # Django must be set up before its apps are imported.
    from django.core.management import call_command
    from django.db import connection

    from payments.management.commands.receive_file import run_here
    from payments.models import BankFile, FileLease
    from payments.services import posting, reports
    from tests.payments import kit

    call_command("migrate", verbosity=0)
    town = kit.town(Path(sys.argv[1]), 240)
    (file,) = kit.bank(town, seed=5)
    received = kit.upload(town, file)
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        postmaster = int((Path(cursor.fetchone()[0]) / "postmaster.pid").read_text().split()[0])
    hits: list[str] = []

    def kill_the_database(name: str) -> None:
        if name == "after_payments":
            hits.append(name)
            if len(hits) == 2:
                os.kill(postmaster, signal.SIGKILL)

    posting.faults.hit = kill_the_database  # type: ignore[assignment]
    done = run_here(received.file.pk)
    kit.agree(reports.report_of(BankFile.objects.get(pk=done.pk)), file)
    kit.books_green()
    attempts = FileLease.objects.get(pk=done.pk).attempts
    sys.stdout.write(f"{done.state} after {attempts} attempts\n")
