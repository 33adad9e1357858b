"""App configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

PROPOSALS = ("payments.services.debits", "payments.services.noanswer", "payments.services.releases")
"""Modules that register kinds of proposals; every process must know them before it reviews one."""


class PaymentsConfig(AppConfig):
    """See the package's models and services."""

    name = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        """Make the app's kinds of proposals known."""
        for module in PROPOSALS:
            import_module(module)
