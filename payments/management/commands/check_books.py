"""``check_books``: every invariant as a query that must return no row."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from bureau.errors import BureauError
from payments.services import books


class Command(BaseCommand):
    """Check the books; exit 0 when they are green, 1 when a row offends, 2 when the command itself fails."""

    help = "Check the invariants of the books in one read-only snapshot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The flags of the interface."""
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--only", default="", help="codes of checks, comma separated (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        """One service call; the offending rows are printed, at most 20 a check."""
        only = [code.strip().upper() for code in options["only"].split(",") if code.strip()]
        try:
            results = books.run_checks(only=only)
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        except DatabaseError as error:
            raise CommandError(f"the database did not answer: {error}", returncode=2) from error
        if options["json"]:
            self.stdout.write(
                json.dumps({"checks": [asdict(result) for result in results]}, ensure_ascii=False)
            )
        else:
            self._table(results)
        if not all(result.ok for result in results):
            raise SystemExit(1)

    def _table(self, results: list[books.CheckResult]) -> None:
        for result in results:
            mark = self.style.SUCCESS("ok") if result.ok else self.style.ERROR(_("WRONG"))
            self.stdout.write(f"{result.code}  {mark}  {_(result.title)}  {result.count or ''}".rstrip())
            for row in result.rows:
                self.stdout.write(
                    f"     {row['problem']} {row['what']} {row['key']}: {row['found']} "
                    + _("instead of %(expected)s") % {"expected": row["expected"]}
                )
            if result.count > len(result.rows):
                self.stdout.write(
                    "     " + _("and %(more)s more") % {"more": result.count - len(result.rows)}
                )
