"""App configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

COURSES = ("payments.services.pushes", "payments.services.results", "payments.services.settlements")
"""Modules that register courses of the river; every worker must know them."""
PROPOSALS = (
    "payments.services.debits",
    "payments.services.noanswer",
    "payments.services.releases",
    "payments.services.voids",
)
"""Modules that register kinds of proposals; every process must know them before it reviews one."""


class PaymentsConfig(AppConfig):
    """See the package's models and services."""

    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Make the app's kinds of files and proposals known."""
        for module in (*COURSES, *PROPOSALS):
            import_module(module)
