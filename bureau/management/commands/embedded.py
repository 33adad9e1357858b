"""`manage.py embedded`: keep the embedded servers up while somebody works with them."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bureau.embedded import default_var, ensure, supervised


class Command(BaseCommand):
    """Run the embedded PostgreSQL and Valkey in the foreground until Ctrl-C or SIGTERM."""

    help = (
        "Runs the embedded PostgreSQL and Valkey until Ctrl-C; other commands and workers use them meanwhile."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the addresses (for psql and other programs) and wait."""
        var = default_var()
        try:
            with ensure(var) as urls:
                self.stdout.write(f"DATABASE_URL={urls.database}\nREDIS_URL={urls.redis}")
                self.stdout.write(f"Data in {var}. Ctrl-C stops them.")
                self.stdout.flush()
                while supervised(var):
                    time.sleep(1)
                raise CommandError(f"The servers have ended; see {var}/log.")
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
