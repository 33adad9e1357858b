"""manage.py decide_coverage: decide the cover of the cases in a CSV file; needs no database."""

import csv
import io
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau.cells import safe_cell
from bureau.errors import render
from bureau.management.files import read_text
from enrollment.cases import OUTPUT, CaseError, decide_case, output_row, read_cases
from enrollment.policy import Terms
from enrollment.policyfile import PolicyFileError, PolicyRow, PolicyRowError, parse_policies


class Command(BaseCommand):
    """Cases in, decisions out as CSV; a bad row is named on stderr, the others are decided, exit code 2."""

    help = "Decide when cover starts for the cases in a CSV file, and say why; prints CSV."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cases", metavar="CASES.csv")
        parser.add_argument("--policies", metavar="FILE.json", required=True)
        parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the explanation")

    def handle(self, *args: Any, **options: Any) -> None:
        problems: list[str] = []
        policies = self._policies(options["policies"], problems)
        path = options["cases"]
        lines = io.StringIO(read_text(path), newline="")
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(OUTPUT)
        try:
            for case in read_cases(lines, policies):
                if isinstance(case, CaseError):
                    problems.append(f"{path}: {render(case)}")
                    continue
                cells = output_row(case, decide_case(case), chinese=options["lang"] == "zh")
                writer.writerow([safe_cell(cell) for cell in cells])
        except CaseError as error:
            problems.append(f"{path}: {render(error)}")
        self.stdout.flush()
        if problems:
            raise CommandError("\n".join(problems), returncode=2)

    def _policies(self, path: str, problems: list[str]) -> dict[str, Terms | PolicyRowError]:
        try:
            rows = parse_policies(read_text(path))
        except PolicyFileError as error:
            raise CommandError(f"{path}: {render(error)}", returncode=2) from None
        found: dict[str, Terms | PolicyRowError] = {}
        for row in rows:
            if isinstance(row, PolicyRow):
                found.setdefault(row.key, row.terms)
            else:
                problems.append(f"{path}: {render(row)}")
                found[row.params["key"]] = row
        return found
