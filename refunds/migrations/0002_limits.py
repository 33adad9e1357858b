"""The limits that every desk starts with; a region may have its own."""

from datetime import date
from decimal import Decimal

from django.db import migrations

from bureau import audit

# Assumed: no source names a limit, so they are rows and not constants.
LIMITS = {"REVIEW": Decimal("5000.00"), "APPROVE": Decimal("50000.00")}
FIRST_DAY = date(2017, 1, 1)


def load(apps, schema_editor):
    """Insert what is missing."""
    limit = apps.get_model("refunds", "RefundLimit")
    with audit.acting(by=None, why="refunds.0002_limits"):
        for desk, most in LIMITS.items():
            limit.objects.get_or_create(
                desk=desk, region=None, valid_from=FIRST_DAY, defaults={"most": most}
            )


def nothing(apps, schema_editor):
    """They go with their table."""


class Migration(migrations.Migration):
    dependencies = [("refunds", "0001_cases")]

    operations = [migrations.RunPython(load, nothing)]
