"""manage.py fill_initials: pinyin initials for persons who have none, in batches."""

from typing import Any

from django.core.management.base import BaseCommand

from enrollment.services import initials


class Command(BaseCommand):
    """Each batch is one transaction; running it again, or after a stop, goes on with who is left."""

    help = "Fill the pinyin initials of registered persons who have none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Batches until nobody is left."""
        filled = 0
        last, now = initials.fill_missing()
        while last:
            filled += now
            last, now = initials.fill_missing(after=last)
        self.stdout.write(str(filled))
