"""App configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

PROPOSALS = (
    "enrollment.services.corrections",
    "enrollment.services.lists",
    "enrollment.services.merging",
    "enrollment.services.policydrafts",
    "enrollment.services.transfers",
)
"""Modules that register kinds of proposals; every process must know them before it reviews one."""


class EnrollmentConfig(AppConfig):
    """See the package's models and services."""

    name = "enrollment"
    verbose_name = _("Enrolment")

    def ready(self) -> None:
        """Make the app's kinds of proposals known; services need the models, so not before now."""
        for module in PROPOSALS:
            import_module(module)
