"""The policies that ship with the project, published; a later version replaces the one before it.

Nobody knows the hour at which a region's first terms were published: they count from 1 January of the year before, a later
version from the day after its predecessor's window had closed (as Hubei extended its window), all at midnight in Shanghai.
"""

from datetime import datetime, time, timedelta
from itertools import groupby
from pathlib import Path

from django.db import migrations

from bureau import audit
from bureau.clock import BUREAU_ZONE
from enrollment.policyfile import read_policies
from enrollment.states import PolicyState

SHIPPED = Path(__file__).resolve().parent.parent / "fixtures" / "policies.json"


def _midnight(day):
    return datetime.combine(day, time(), tzinfo=BUREAU_ZONE)


def _starts(versions):
    """When each version of one region and year comes into force, in their order."""
    starts = [_midnight(versions[0].terms.year_start.replace(year=versions[0].benefit_year - 1))]
    for former in versions[:-1]:
        earliest = starts[-1] + timedelta(days=1)
        starts.append(max(earliest, _midnight(former.terms.window_close + timedelta(days=1))))
    return starts


def load(apps, schema_editor):
    """Insert every version that is not there yet."""
    policy = apps.get_model("enrollment", "Policy")
    rows = sorted(read_policies(SHIPPED.read_text(encoding="utf-8")), key=lambda r: (r.region, r.benefit_year, r.version))
    made = []
    for (region, year), group in groupby(rows, key=lambda r: (r.region, r.benefit_year)):
        if policy.objects.filter(region_id=region, benefit_year=year).exists():
            continue
        versions = list(group)
        starts = _starts(versions)
        for row, start, end in zip(versions, starts, [*starts[1:], None], strict=True):
            made.append(
                policy(
                    key=row.key,
                    region_id=region,
                    benefit_year=year,
                    version=row.version,
                    terms=row.terms.to_dict(),
                    mark=row.mark,
                    note=row.note,
                    state=(PolicyState.PUBLISHED if end is None else PolicyState.REPLACED).value,
                    in_force=(start, end),
                )
            )
    with audit.acting(by=None, why="enrollment.0002_policies"):
        policy.objects.bulk_create(made)


class Migration(migrations.Migration):

    dependencies = [
        ("enrollment", "0001_initial"),
        ("bureau", "0002_reference"),
    ]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
