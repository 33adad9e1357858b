"""``release_file ID``: a second person lets a held file go down the river."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from payments.management.commands.receive_file import run_here
from payments.management.reporting import write_report
from payments.models import BankFile
from payments.services import releases, reports
from payments.tasks import ring


def file_named(word: str) -> BankFile:
    """The newest file with this id or name; CommandError (exit 2) when there is none."""
    chosen = BankFile.objects.filter(pk=int(word)) if word.isdigit() else BankFile.objects.filter(name=word)
    file = chosen.order_by("-id").first()
    if file is None:
        raise CommandError(f"there is no file {word}", returncode=2)
    return file


class Command(BaseCommand):
    """Release a HELD file as another person than its uploader, and run it here unless --no-wait."""

    help = "Release a held file (second person)."
    approve = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file's id (or name) and who releases it."""
        parser.add_argument("file")
        parser.add_argument("--by")
        parser.add_argument("--reason", default="")
        parser.add_argument("--wait", action="store_true", default=True)
        parser.add_argument("--no-wait", action="store_false", dest="wait", help="queue it for the workers")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Decide, run, print the report."""
        file = file_named(options["file"])
        try:
            by = actor(options["by"], Role.SUPERVISOR, file.region_id)
            file = releases.decide_held(
                file_id=file.pk,
                approve=self.approve,
                reason=options["reason"] or self.help,
                by=by,
                at=clock.now(),
            )
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        if self.approve and options["wait"]:
            file = run_here(file.pk)
        elif self.approve:
            ring()
        write_report(reports.report_of(file), as_json=options["json"], write=self.stdout.write)
