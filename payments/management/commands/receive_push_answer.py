"""``receive_push_answer FILE``: the tax office's acknowledgement of a push goes down the river."""

from typing import Any

from payments.management.importing import ImportCommand
from payments.services import pushes
from payments.services.courses import Identify
from payments.states import FileKind


class Command(ImportCommand):
    """Each line taken or refused (design: bank-files 8.5, F)."""

    help = "Receive the tax office's acknowledgement of a push."
    kind = FileKind.PUSH_ANSWER

    def course(self, options: dict[str, Any]) -> Identify:
        """A push of ours."""
        return pushes.identify
