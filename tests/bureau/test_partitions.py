"""Leaves by benefit year: opened once, with their guards, indexes and sequences, on every partitioned
table.
"""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from bureau import partitions
from bureau.partitions import YearPartition, open_year, open_years, partitioned_models, year_of
from enrollment.models import Coverage, Policy
from payments.models import Receivable

pytestmark = pytest.mark.django_db
FRESH = 2044
TABLES = [model._meta.db_table for model in partitioned_models()]
AT = datetime(2025, 1, 16, tzinfo=UTC)


def declared(model: type[models.Model]) -> YearPartition:
    """The model's declaration."""
    return model.partition  # type: ignore[attr-defined, no-any-return]


def leaves(table: str) -> dict[str, str]:
    """The leaves of a table with their bounds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass ORDER BY 1",
            [table],
        )
        return dict(cursor.fetchall())


def test_cover_and_the_hot_money_tables_are_partitioned() -> None:
    assert {"enrollment_coverage", "payments_receivable", "payments_payment"} <= set(TABLES)


def test_every_year_with_a_policy_is_open() -> None:
    policies = set(Policy.objects.values_list("benefit_year", flat=True))
    assert policies | set(range(2024, 2029)) == set(open_years())


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_the_same_years(table: str) -> None:
    assert list(leaves(table)) == [f"{table}_{year}" for year in open_years()]


def test_opening_a_year_makes_a_leaf_of_each_table() -> None:
    assert open_year(FRESH) == [f"{table}_{FRESH}" for table in TABLES]
    assert FRESH in open_years()


def test_opening_a_year_again_makes_nothing() -> None:
    open_year(FRESH)
    assert open_year(FRESH) == []


@pytest.mark.parametrize("year", [1999, 2200])
def test_years_outside_the_keys_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match=r"outside 2000\.\.2199"):
        open_year(year)


def test_a_leaf_holds_exactly_the_keys_of_its_year() -> None:
    for model in partitioned_models():
        factor, table = declared(model).factor, model._meta.db_table
        low, high = 2025 * factor, 2026 * factor
        assert leaves(table)[f"{table}_2025"] == f"FOR VALUES FROM ('{low}') TO ('{high}')"
        assert (year_of(low, factor), year_of(high - 1, factor), year_of(high, factor)) == (2025, 2025, 2026)


def test_a_fresh_leaf_is_guarded_against_update_delete_and_truncate() -> None:
    open_year(FRESH)
    guarded = [model._meta.db_table for model in partitioned_models() if declared(model).append_only]
    assert "enrollment_coverage" in guarded
    for table in guarded:
        leaf = f"{table}_{FRESH}"
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgtype & 2 = 2 AND tgtype & 24 > 0, tgtype & 2 = 2 AND tgtype & 32 > 0 "
                "FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O'",
                [leaf],
            )
            kinds = cursor.fetchall()
        assert any(rows for rows, _truncate in kinds), leaf
        with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{leaf}"')
        assert getattr(caught.value.__cause__, "sqlstate", "") == "BU001", leaf


def test_a_receivable_has_its_sequence_and_its_uniqueness_in_each_leaf() -> None:
    open_year(FRESH)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"payments_receivable_{FRESH}_number"])
        assert cursor.fetchone() == (1,)
    values = {
        "person_id": 1,
        "enrollment_id": 1,
        "region_id": "450800",
        "policy_id": 1,
        "benefit_year": FRESH,
        "price_class": "ALL",
        "standard": 400,
        "amount": 400,
        "assessed_on": date(2043, 9, 1),
        "assessed_at": AT,
    }
    Receivable.objects.create(id=FRESH * 10**10 + 1, **values)
    with pytest.raises(IntegrityError, match=f"payments_receivable_{FRESH}_once"), transaction.atomic():
        Receivable.objects.create(id=FRESH * 10**10 + 2, **values)


def test_cover_of_a_person_is_found_by_index_in_a_fresh_leaf() -> None:
    open_year(FRESH)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"enrollment_coverage_{FRESH}_person"]
        )
        assert "(person_id)" in cursor.fetchone()[0]


def test_a_row_goes_to_the_leaf_that_its_key_names() -> None:
    Coverage.objects.create(
        id=2026 * 10**12 + 100, person_id=1, region_id="450800", rule="IN_WINDOW", policy_id=1, decided_at=AT
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enrollment_coverage_2026")
        assert cursor.fetchone() == (1,)


def test_a_guard_that_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t WHERE t.tgrelid = 'enrollment_coverage'::regclass "
                "AND t.tgname LIKE '%no_truncate%'"
            )
            cursor.execute(f'DROP TRIGGER "{cursor.fetchone()[0]}" ON enrollment_coverage')
        monkeypatch.setattr(partitions, "partitioned_models", lambda: [Coverage])
        with pytest.raises(LookupError, match="no TRUNCATE guard"):
            open_year(FRESH)
        transaction.set_rollback(True)
