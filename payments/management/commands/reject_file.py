"""``reject_file ID``: a second person refuses a held file."""

from payments.management.commands.release_file import Command as ReleaseCommand


class Command(ReleaseCommand):
    """Reject a HELD file; nothing of it is applied."""

    help = "Reject a held file (second person)."
    approve = False
