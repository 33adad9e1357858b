"""manage.py entitlement: is this person covered on a day; or a whole list of numbers at once."""

import argparse
import csv
import json
import sys
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

from bureau.errors import BureauError, render
from enrollment.entitlement import Entitlement
from enrollment.services import entitlement, lookups

CHUNK = 100_000
HEADING = ("id_number", "known", "covered", "start", "end", "standing", "rule")


class Command(BaseCommand):
    """Reads only; exit 2 where there is no answer."""

    help = (
        "Tell whether a person is covered on a day, why, since when and until when; or many, CSV in and out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--id-number", metavar="N")
        who.add_argument(
            "--file", metavar="FILE.csv", help="a column id_number; - reads standard input; prints CSV"
        )
        parser.add_argument("--on", required=True, type=_day, metavar="D", help="YYYY-MM-DD")
        parser.add_argument("--json", action="store_true")

    @sensitive_variables("options")
    def handle(self, *args: Any, **options: Any) -> None:
        """One person by the service for one; a list in chunks of 100,000, one statement each."""
        if options["file"]:
            self._many(options["file"], options["on"])
            return
        try:
            person = lookups.person_by_number(options["id_number"])
        except BureauError as error:
            raise CommandError(f"{error.code}: {render(error)}", returncode=2) from None
        looked = entitlement.look(person_id=person.pk, on=options["on"])
        if options["json"]:
            self.stdout.write(json.dumps(_report(looked), ensure_ascii=False))
        else:
            self.stdout.write(looked.explain)

    @sensitive_variables()
    def _many(self, path: str, on: date) -> None:
        try:
            data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            lines = data.decode("utf-8-sig").splitlines()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        except UnicodeDecodeError as error:
            raise CommandError(f"{path}: is not UTF-8 (byte {error.start + 1})", returncode=2) from None
        rows = csv.DictReader(lines)
        if "id_number" not in (rows.fieldnames or ()):
            raise CommandError(f"{path}: there is no column id_number", returncode=2)
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(HEADING)
        numbers = (row["id_number"] or "" for row in rows)
        while chunk := list(islice(numbers, CHUNK)):
            for number, found in entitlement.look_numbers(numbers=chunk, on=on):
                writer.writerow(_cells(number, found))


def _cells(number: str, found: Entitlement | None) -> list[str]:
    if found is None:
        return [number, "0", "0", "", "", "", ""]
    start = found.start.isoformat() if found.start else ""
    end = found.end.isoformat() if found.end else ""
    return [number, "1", "1" if found.covered else "0", start, end, str(found.standing), found.rule]


def _report(looked: entitlement.Looked) -> dict[str, Any]:
    found, ratios = looked.found, looked.ratios
    return {
        "covered": found.covered,
        "start": found.start and found.start.isoformat(),
        "end": found.end and found.end.isoformat(),
        "rule": found.rule,
        "standing": str(found.standing),
        "region": looked.region,
        "explain": looked.explain,
        "explain_en": looked.explain_en,
        "ratios": ratios
        and {
            "LEVEL_1": str(ratios.level_1),
            "LEVEL_2": str(ratios.level_2),
            "LEVEL_3": str(ratios.level_3),
            "OUTPATIENT": str(ratios.outpatient),
        },
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-03-10") from None
