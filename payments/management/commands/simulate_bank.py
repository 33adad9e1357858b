"""Answer a request file as a bank would, and say what was planted in the answer."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from bureau.errors import BureauError, render
from payments.files.delimited import parse_request
from payments.files.delivery import write_atomically
from payments.files.resultcodes import CODE_SETS
from payments.simulation.desk import SimulatedBank
from payments.simulation.faults import list_faults
from payments.simulation.simulate import simulate


class Command(BaseCommand):
    """`simulate_bank REQUEST_FILE --out DIR --seed 1 [--fault NAME ...] [--json]`. Needs no database.

    Writes the result files with their digest files into DIR. With --json: the plan of the first file in the
    keys of receive_file's report, and under "files" the plans of all; "file" is the path that was written.
    """

    help = "Answer a request file as a bank would, with a seeded mix of answers and faults; prints the plan."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("request_file", nargs="?", type=Path)
        parser.add_argument("--out", type=Path, help="folder for the result files, made when it is not there")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--fault", action="extend", nargs="+", default=[], metavar="NAME")
        parser.add_argument("--list-faults", action="store_true", help="name all faults and end")
        parser.add_argument("--code-set", choices=sorted(CODE_SETS), default="AIPG")
        parser.add_argument("--serials", choices=["rising", "random"], default="rising")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_faults"]:
            for name, about in list_faults().items():
                self.stdout.write(f"{name:20} {about}")
            return
        if options["request_file"] is None or options["out"] is None:
            raise CommandError("A request file and --out DIR are needed.", returncode=2)
        try:
            plans = self._answer(options)
        except (BureauError, OSError) as error:
            text = render(error, gettext) if isinstance(error, BureauError) else str(error)
            raise CommandError(text, returncode=2) from error
        if options["as_json"]:
            self.stdout.write(json.dumps({**plans[0], "files": plans}, ensure_ascii=False))
            return
        for plan in plans:
            self._show(plan)

    def _answer(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        header, lines = parse_request(options["request_file"].read_bytes())
        bank = SimulatedBank(code_set=options["code_set"], serials=options["serials"])
        files = simulate(header, lines, seed=options["seed"], faults=options["fault"], bank=bank)
        out: Path = options["out"].resolve()
        out.mkdir(parents=True, exist_ok=True)
        plans = []
        for file in files:
            written = write_atomically(out / file.name, [file.content], digest=file.digest)
            plans.append({**file.plan.report(), "file": str(written.path)})
        return plans

    def _show(self, plan: dict[str, Any]) -> None:
        reasons = f"  ({', '.join(plan['reasons'])})" if plan["reasons"] else ""
        self.stdout.write(f"{plan['file']}\n  {plan['state']}{reasons}")
        self.stdout.write(f"  {'':12}{'lines':>10}{'amount':>18}{'debited':>18}")
        for name, bucket in plan["buckets"].items():
            self.stdout.write(
                f"  {name:12}{bucket['lines']:>10}{bucket['amount']:>18}{bucket['debited']:>18}"
            )
        self.stdout.write(f"  {'all':12}{plan['lines']:>10}{plan['amount']:>18}")
        self.stdout.write(
            f"  {'no answer':12}{plan['no_answer']['lines']:>10}{plan['no_answer']['amount']:>18}"
        )
