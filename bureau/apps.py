"""App configuration of the kernel and of its admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class BureauConfig(AppConfig):
    """The shared kernel."""

    default = True
    name = "bureau"
    verbose_name = _("Bureau")


class BureauAdminConfig(admin_apps.AdminConfig):
    """Django's admin with the bureau's own site."""

    default = False
    default_site = "bureau.site.BureauAdminSite"
