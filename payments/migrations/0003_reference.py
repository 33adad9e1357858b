"""The shipped bank and result codes, and the leaves of every benefit year that has a policy."""

from django.db import migrations

from bureau import audit
from bureau.partitions import open_year
from payments.files.resultcodes import CODE_SETS

BENEFIT_YEARS = range(2024, 2029)


def load(apps, schema_editor):
    """Insert what is missing; rows that are there stay as somebody may have edited them."""
    bank = apps.get_model("payments", "BankProfile")
    code = apps.get_model("payments", "ResultCode")
    with audit.acting(by=None, why="payments.0003_reference"):
        bank.objects.bulk_create(
            [
                bank(
                    code="103",
                    name="中国农业银行",
                    layout="A",
                    encoding="GB18030",
                    code_set="AIPG",
                    debit_days=3,
                    max_lines=5_000_000,
                    clearing_code="103100000026",
                )
            ],
            ignore_conflicts=True,
        )
        code.objects.bulk_create(
            [
                code(
                    code_set=code_set,
                    code=row.code,
                    pattern=row.text_pattern,
                    priority=row.priority,
                    internal=row.internal.value,
                )
                for code_set, rows in CODE_SETS.items()
                for row in rows
            ],
            ignore_conflicts=True,
        )


def open_years(apps, schema_editor):
    """Open the usual years and those of the policies."""
    policy = apps.get_model("enrollment", "Policy")
    years = set(policy.objects.values_list("benefit_year", flat=True).distinct())
    for year in sorted(years | set(BENEFIT_YEARS)):
        open_year(year)


class Migration(migrations.Migration):

    dependencies = [
        ("payments", "0002_functions"),
        ("enrollment", "0002_policies"),
    ]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunPython(open_years, migrations.RunPython.noop),
    ]
