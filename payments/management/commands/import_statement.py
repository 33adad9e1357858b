"""``import_statement FILE --channel C --date D``: a channel's statement goes down the river."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from payments.management.importing import ImportCommand
from payments.services import settlements
from payments.services.courses import Identify
from payments.states import FileKind


class Command(ImportCommand):
    """Hold a channel's statement of a day against the books (design: bank-files 8.5, C)."""

    help = "Import a channel's statement: each line gets one outcome against our books."
    kind = FileKind.STATEMENT

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Beside FILE, which channel and day it must be of."""
        super().add_arguments(parser)
        parser.add_argument("--channel", required=True)
        parser.add_argument("--date", type=date.fromisoformat, required=True)

    def course(self, options: dict[str, Any]) -> Identify:
        """The header must name this channel and day."""
        return settlements.statement_of(channel=options["channel"], day=options["date"])
