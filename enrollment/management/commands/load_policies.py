"""manage.py load_policies: publish the policy versions of a file that are new."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bureau import clock
from bureau.access import Role
from bureau.errors import BureauError, render
from bureau.management.actors import actor
from bureau.models import User
from enrollment.policyfile import read_policies
from enrollment.services import policies


class Command(BaseCommand):
    """All versions of the file or none; one that is known with the same terms stays as it is."""

    help = "Publish the policy versions of a JSON file that are new; a version never changes its terms."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.json")
        parser.add_argument("--by", metavar="USER", help="who publishes; needed where real staff exist")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            rows = read_policies(self._read(path))
            done = policies.load(rows=rows, by=self._actor(options["by"]), at=clock.now())
        except BureauError as error:
            raise CommandError(f"{path}: {render(error)}", returncode=2) from None
        for policy in done.published:
            self.stdout.write(f"published {policy.key}: {policy}")
        for policy in done.passed_over:
            self.stdout.write(f"replaced at once {policy.key}: {policy}")
        self.stdout.write(
            f"{len(done.published) + len(done.passed_over)} new, {len(done.unchanged)} unchanged"
        )

    def _actor(self, username: str | None) -> User | None:
        """The person who publishes; None, the system, on a machine where nobody but demo staff works."""
        if not username and not User.objects.filter(is_active=True, is_demo=False).exists():
            return None
        return actor(username, Role.SUPERVISOR, None)

    def _read(self, path: str) -> str:
        try:
            data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
            return data.decode("utf-8-sig")
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        except UnicodeDecodeError as error:
            raise CommandError(f"{path}: is not UTF-8 (byte {error.start + 1})", returncode=2) from None
