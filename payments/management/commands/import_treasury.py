"""``import_treasury FILE``: the treasury's settlement goes down the river."""

from typing import Any

from payments.management.importing import ImportCommand
from payments.services import settlements
from payments.services.courses import Identify
from payments.states import FileKind


class Command(ImportCommand):
    """Hold the treasury's settlement of a day against our payments (design: bank-files 8.5, D)."""

    help = "Import a settlement of the treasury: each line gets one outcome against our books."
    kind = FileKind.TREASURY

    def course(self, options: dict[str, Any]) -> Identify:
        """Any day of ours."""
        return settlements.treasury_of()
