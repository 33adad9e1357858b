"""Wiping what a test committed, without touching reference data, guards or history triggers."""

from django.apps import apps
from django.db import connection, transaction

OURS = ("bureau", "enrollment", "payments", "refunds", "pghistory", "axes", "sessions", "admin")
REFERENCE = (
    "bureau_region",
    "bureau_workday",
    "enrollment_policy",
    "payments_bankprofile",
    "payments_channelterms",
    "payments_messagetemplate",
    "payments_resultcode",
    "payments_retryrule",
    "refunds_refundlimit",
    # The history of reference data points to the contexts of its migrations.
    "pghistory_context",
)
# Reference data that a test may add to; what it added goes, and what it changed goes back, with the history of both.
RESET = (
    "enrollment_policy",
    "payments_channelterms",
    "payments_resultcode",
    "payments_retryrule",
    "refunds_refundlimit",
)
Mark = dict[str, int]


def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return [
        m._meta.db_table
        for m in models
        if m._meta.app_label in OURS and m._meta.managed and not m._meta.proxy
    ]


def mark() -> Mark:
    """The largest policy and result code now, and the last events of their histories; later ones are the test's."""
    keys = dict.fromkeys(RESET, "id") | {f"{table}event": "pgh_id" for table in RESET}
    with connection.cursor() as cursor:
        largest = ", ".join(f'(SELECT coalesce(max({key}), 0) FROM "{table}")' for table, key in keys.items())
        cursor.execute(f"SELECT {largest}")
        return dict(zip(keys, cursor.fetchone(), strict=True))


def wipe(since: Mark) -> None:
    """Empty every table of facts as the owner, with triggers off, and drop staging tables left behind."""
    connection.close()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables():
            if table not in REFERENCE and not table.endswith(tuple(f"{name}event" for name in REFERENCE)):
                cursor.execute(f'DELETE FROM "{table}"')
        for table, largest in since.items():
            key = "pgh_id" if table.endswith("event") else "id"
            cursor.execute(f'DELETE FROM "{table}" WHERE {key} > %s', [largest])
        cursor.execute(
            "UPDATE enrollment_policy SET in_force = tstzrange(lower(in_force), NULL), state = 'PUBLISHED' "
            "WHERE state = 'REPLACED' AND NOT EXISTS (SELECT FROM enrollment_policy n WHERE "
            "n.region_id = enrollment_policy.region_id AND n.benefit_year = enrollment_policy.benefit_year "
            "AND n.version > enrollment_policy.version)"
        )
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'staging'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")
