"""manage.py receive_payouts: the bank's or the treasury's answer to a payout batch."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from payments.files.delivery import DIGEST_SUFFIX
from refunds.services import answers


class Command(BaseCommand):
    """Exit 0 whatever the answer about the file is, 2 when the command itself fails."""

    help = "Receive an answer to payouts: PAID, FAILED, PENDING, or held for a second person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; change nothing")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--by", help="the tax officer who brings the file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file", returncode=2)
        digest_path = path.with_name(path.name + DIGEST_SUFFIX)
        digest = digest_path.read_bytes()[:1000] if digest_path.is_file() else None
        try:
            by = actor(options["by"], Role.TAX_OFFICER, None)
            with path.open("rb") as source:
                report = answers.receive(
                    source=source,
                    name=path.name,
                    digest=digest,
                    by=by,
                    at=clock.now(),
                    dry_run=options["dry_run"],
                )
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        self.stdout.write(f"{report['name']}  {report['state']}")
        for reason in report.get("reasons", []):
            self.stdout.write(f"  {reason['code']}  {reason['params']}")
        for outcome, row in report.get("buckets", {}).items():
            self.stdout.write(f"  {outcome:10}{row['lines']:>8}{row['amount']:>16}")
