"""manage.py decide_refund: decide the refund cases in a CSV file; needs no database."""

import csv
import io
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau.caserows import CaseError
from bureau.cells import safe_cell
from bureau.errors import render
from bureau.management.files import read_text
from refunds.cases import OUTPUT, decide_case, output_row, read_cases


class Command(BaseCommand):
    """Cases in, decisions out; a bad row is named on stderr, the others are decided, exit code 2."""

    help = "Decide the refund cases in a CSV file, and say why; prints CSV, or JSON."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cases", metavar="CASES.csv")
        parser.add_argument("--json", action="store_true", help="a JSON list instead of CSV")
        parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the explanation")

    def handle(self, *args: Any, **options: Any) -> None:
        path, problems, rows = options["cases"], [], []
        try:
            for case in read_cases(io.StringIO(read_text(path), newline="")):
                if isinstance(case, CaseError):
                    problems.append(f"{path}: {render(case)}")
                else:
                    rows.append(output_row(case, decide_case(case), chinese=options["lang"] == "zh"))
        except CaseError as error:
            problems.append(f"{path}: {render(error)}")
        if options["json"]:
            decided = [dict(zip(OUTPUT, row, strict=True)) for row in rows]
            self.stdout.write(json.dumps(decided, ensure_ascii=False))
        else:
            writer = csv.writer(self.stdout, lineterminator="\n")
            writer.writerow(OUTPUT)
            writer.writerows([safe_cell(cell) for cell in row] for row in rows)
        self.stdout.flush()
        if problems:
            raise CommandError("\n".join(problems), returncode=2)
