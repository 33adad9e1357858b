"""manage.py republish_policy: publish a version for a running year and recompute cover, or say what that would change."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError, render
from bureau.management.actors import actor
from bureau.management.files import read_text
from bureau.models import User
from enrollment.models import PolicyRun
from enrollment.policyfile import PolicyRow, read_policies
from enrollment.services import policies, policyruns
from enrollment.services.trying import Tried, try_on_region


class Command(BaseCommand):
    """Tries the last version of the region and year in the file; without --dry-run it is published, then cover follows."""

    help = "Publish a policy version for a running year and recompute its cover; --dry-run only says what changes."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file as load_policies takes it, the region and the year."""
        parser.add_argument("file", metavar="FILE.json")
        parser.add_argument("--region", required=True)
        parser.add_argument("--year", required=True, type=int)
        parser.add_argument("--by", metavar="USER", help="who publishes; needed where real staff exist")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try, or publish and recompute; print what changed."""
        path = options["file"]
        try:
            rows = self._rows(read_text(path), options["region"], options["year"])
            tried = try_on_region(
                region_id=options["region"], terms=rows[-1].terms, at=clock.now(), most=None
            )
            report = _report(tried)
            if not options["dry_run"]:
                report |= self._publish(rows, options["by"])
        except BureauError as error:
            raise CommandError(f"{path}: {render(error)}", returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        self.stdout.write(
            f"{report['persons']} persons, cover of {report['cover_changed']} decided otherwise"
        )
        for sample in report["samples"]:
            self.stdout.write(f"  #{sample['person']} {sample['paid_on']}: {sample['explain']}")

    def _rows(self, text: str, region: str, year: int) -> list[PolicyRow]:
        """The versions of the region and year, oldest first."""
        found = [row for row in read_policies(text) if (row.region, row.benefit_year) == (region, year)]
        if not found:
            raise policies.NoPolicy(region=region, year=year)
        return sorted(found, key=lambda row: row.version)

    def _publish(self, rows: list[PolicyRow], username: str | None) -> dict[str, Any]:
        done = policies.load(rows=rows, by=self._actor(username, rows[-1].region), at=clock.now())
        if not done.published:
            return {"version": rows[-1].version, "published": False, "state": "", "moved": 0}
        policy = done.published[-1]
        report: dict[str, Any] = {"version": policy.version, "published": True, "state": "", "moved": 0}
        run = PolicyRun.objects.filter(policy=policy).order_by("pk").first()
        if run is not None:
            run = policyruns.complete(run_id=run.pk, at=clock.now())
            report |= {"state": run.state, "moved": run.moved}
        return report

    def _actor(self, username: str | None, region: str) -> User | None:
        """The person who publishes; None, the system, on a machine where nobody but demo staff works."""
        if not username and not User.objects.filter(is_active=True, is_demo=False).exists():
            return None
        return actor(username, Role.SUPERVISOR, region)


def _report(tried: Tried) -> dict[str, Any]:
    samples = [
        {
            "person": one.person_id,
            "receivable": one.receivable_id,
            "paid_on": _day(one.paid_on),
            "before": {"rule": one.old_rule, "start": _day(one.old_start), "end": _day(one.old_end)},
            "after": {"rule": one.new_rule, "start": _day(one.new_start), "end": _day(one.new_end)},
            "explain": one.explain,
        }
        for one in tried.samples
    ]
    return {"persons": tried.persons, "cover_changed": tried.changed, "samples": samples}


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
