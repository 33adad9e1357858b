"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RefundsConfig(AppConfig):
    """See the package's models and services."""

    name = "refunds"
    verbose_name = _("Refunds")
