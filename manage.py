#!/usr/bin/env python
"""Django's command line, which brings along the servers that the environment does not name.

Without DATABASE_URL or REDIS_URL the missing server is the embedded one: used when it runs, started when it
does not, stopped afterwards by its last user. A new database, or one of an older checkout, is migrated first.
"""

import os
import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line

from bureau import embedded
from bureau.schema import migrate_if_changed

WITHOUT_SERVERS = {
    *("help", "version", "embedded", "decide_coverage", "simulate_bank"),
    *("check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "makemessages"),
}
MIGRATE_THEMSELVES = {"migrate", "makemigrations", "test", "demo"}


def needs_servers(argv: Sequence[str]) -> bool:
    """Say whether this command line may ask the database or the broker for anything."""
    asked_for_help = bool({"-h", "--help", "--version"} & set(argv[1:]))
    return len(argv) > 1 and not asked_for_help and argv[1] not in WITHOUT_SERVERS


def run(argv: Sequence[str]) -> None:
    """Run one command with the environment it needs."""
    var, names = embedded.default_var(), embedded.missing()
    command = argv[1] if len(argv) > 1 else "help"
    if not needs_servers(argv):
        if names:
            os.environ.update(embedded.environment(var, embedded.planned_urls(var)))
        execute_from_command_line(list(argv))
        return
    with embedded.ensure(var, names) as urls:
        if names or command == "demo":
            os.environ.update(embedded.environment(var, urls))
        if embedded.POSTGRES in names and command not in MIGRATE_THEMSELVES:
            migrate_if_changed(var)
        execute_from_command_line(list(argv))


def main() -> int:
    """Return 2 when a server fails and 130 after Ctrl-C; otherwise the command decides."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bureau.settings")
    embedded.end_on_signals()
    try:
        run(sys.argv)
    except embedded.EmbeddedError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
