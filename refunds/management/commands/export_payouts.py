"""manage.py export_payouts: what waits is frozen, released by a second person, and written with its digest file."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError
from bureau.management.actors import actor
from bureau.models import User
from bureau.money import yuan
from refunds.models.choices import FUND_ACCOUNT, TREASURY
from refunds.services import payouts


class Command(BaseCommand):
    """The day's files; running it again writes the same ones, and takes only what was approved since."""

    help = "Write the payout files of a region for the fund account's bank or for the treasury."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--route", choices=(FUND_ACCOUNT, TREASURY), required=True)
        parser.add_argument("--region", required=True)
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--bank", default="103", help="the bank of the fund account")
        parser.add_argument("--layout", choices=("E", "PAIN_03", "PAIN_09"), default="E")
        parser.add_argument("--by", help="the tax officer who makes the batch")
        parser.add_argument("--release-by", help="the tax officer who releases it: another person")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        region, route = options["region"], options["route"]
        folder: Path = options["out"].resolve()
        own_bank = route == FUND_ACCOUNT
        try:
            maker = actor(options["by"], Role.TAX_OFFICER, region)
            releaser = _other(options["release_by"], maker, region)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            batch, written = payouts.export(
                route=route,
                region_id=region,
                folder=folder,
                by=maker,
                release_by=releaser,
                at=clock.now(),
                bank=options["bank"] if own_bank else "",
                layout=options["layout"] if own_bank else "",
            )
        except BureauError as error:
            raise CommandError(f"{error.code}: {error}", returncode=2) from error
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror}", returncode=2) from error
        files = [
            {
                "batch": one.title,
                "file": str(done.path),
                "digest": done.sm3,
                "lines": one.lines,
                "amount": yuan(one.amount),
            }
            for one, done in written
        ]
        report = {
            "files": files,
            "new": batch.title if batch else "",
            "left_out": batch.left_out if batch else {},
        }
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for file in files:
            self.stdout.write(f"{file['file']}  {file['lines']:>7}  {file['amount']:>14}  {file['digest']}")
        if batch is None:
            self.stdout.write("nothing new to pay out")


def _other(username: str | None, maker: User, region: str) -> User:
    """Who is named; else another demo officer of the region than the maker."""
    if username:
        return actor(username, Role.TAX_OFFICER, region)
    others = User.objects.filter(is_active=True, is_demo=True, groups__name=Role.TAX_OFFICER.value)
    found = others.exclude(pk=maker.pk).order_by("id").first()
    if found is None:
        raise CommandError("Say who releases: --release-by USER (another tax_officer).", returncode=2)
    return found
