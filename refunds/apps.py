"""App configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

REGISTERED = (
    "refunds.services.guards",
    "refunds.services.accounts",
    "refunds.services.limits",
    "refunds.services.books",
    "refunds.services.told",
)
"""Modules that register kinds of proposals, guards and checks; every process must know them."""


class RefundsConfig(AppConfig):
    """See the package's models and services."""

    name = "refunds"
    verbose_name = _("Refunds")

    def ready(self) -> None:
        """Make known what the apps below ask for by name."""
        for module in REGISTERED:
            import_module(module)
