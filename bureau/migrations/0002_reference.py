"""The groups of staff, the regions of GB/T 2260 and the working days of the published years."""

from django.db import migrations

from bureau import audit
from bureau.access import Role
from bureau.reference import read_regions, read_workdays


def load(apps, schema_editor):
    """Insert what is missing; rows that are there stay as somebody may have edited them."""
    group = apps.get_model("auth", "Group")
    region = apps.get_model("bureau", "Region")
    workday = apps.get_model("bureau", "Workday")
    with audit.acting(by=None, why="bureau.0002_reference"):
        group.objects.bulk_create([group(name=role.value) for role in Role], ignore_conflicts=True)
        region.objects.bulk_create(
            [
                region(
                    code=row.code,
                    name=row.name,
                    level=row.level,
                    parent_id=row.parent or None,
                    valid_from=row.valid_from,
                    valid_to=row.valid_to,
                    online_enabled=row.online_enabled,
                )
                for row in read_regions()
            ],
            ignore_conflicts=True,
            batch_size=2000,
        )
        workday.objects.bulk_create(
            [workday(day=row.day, is_workday=row.is_workday, note=row.note) for row in read_workdays()],
            ignore_conflicts=True,
            batch_size=4000,
        )


class Migration(migrations.Migration):

    dependencies = [
        ("bureau", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
