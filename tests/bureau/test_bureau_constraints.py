"""PostgreSQL has the last word in the kernel too: each named constraint, by raw writes."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from bureau.models import ExportRecord, Proposal, Region, StaffRegion, User
from tests.builders import GUIGANG

Staff = Callable[..., User]
REGION = (
    "INSERT INTO bureau_region (code, name, level, parent_id, valid_from, valid_to, online_enabled) VALUES "
)


@pytest.fixture
def proposal(db: None, staff: Staff, at: datetime) -> Proposal:
    """An open one."""
    return Proposal.objects.create(
        kind="k",
        subject_type="bureau.region",
        subject_id=GUIGANG,
        region_id=GUIGANG,
        title="t",
        made_by=staff("clerk"),
        made_at=at,
    )


def broken(sql: str) -> str:
    """The name of the constraint that refuses a statement."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        run(sql)
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def run(sql: str) -> None:
    """One raw statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("('45080', 'five', 2, '450000', NULL, NULL, true)", "region_code_format"),
        ("('045080', 'zero', 2, '450000', NULL, NULL, true)", "region_code_format"),
        ("('45080x', 'letter', 2, '450000', NULL, NULL, true)", "region_code_format"),
        ("('450899', 'backwards', 3, '450800', '2020-01-01', '2019-12-31', true)", "region_valid_order"),
        ("('450899', 'no day', 3, '450800', '2020-01-01', '2020-01-01', true)", "region_valid_order"),
        ("('450899', 'orphan', 3, NULL, NULL, NULL, true)", "region_parent_by_level"),
        ("('990000', 'child', 1, '450000', NULL, NULL, true)", "region_parent_by_level"),
    ],
)
def test_a_region_that_cannot_be(db: None, row: str, name: str) -> None:
    assert broken(REGION + row) == name


def test_a_region_that_can_be(db: None) -> None:
    run(REGION + "('450899', 'county', 3, '450800', '2020-01-01', '2020-01-02', true)")
    run(REGION + "('990000', 'province', 1, NULL, NULL, NULL, true)")
    assert Region.objects.filter(pk__in=["450899", "990000"]).count() == 2


def test_nobody_works_in_a_region_twice(db: None, staff: Staff) -> None:
    user = staff("clerk")
    sql = f"INSERT INTO bureau_staffregion (user_id, region_id) VALUES ({user.pk}, '%s')"
    assert broken(sql % GUIGANG) == "staff_region_once"
    run(sql % "510000")
    assert StaffRegion.objects.filter(user=user).count() == 2


def test_one_open_proposal_for_a_subject(proposal: Proposal) -> None:
    again = (
        "INSERT INTO bureau_proposal (kind, subject_type, subject_id, region_id, title, difference, reason, made_by_id, "
        "made_at, state, review_reason) SELECT kind, subject_type, subject_id, region_id, title, difference, reason, "
        f"made_by_id, made_at, state, review_reason FROM bureau_proposal WHERE id = {proposal.pk}"
    )
    assert broken(again) == "proposal_one_open"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("state = 'APPROVED', reviewed_by_id = made_by_id, reviewed_at = now()", "proposal_second_person"),
        ("state = 'REJECTED', reviewed_by_id = made_by_id, reviewed_at = now()", "proposal_second_person"),
        ("state = 'APPROVED'", "proposal_review_evidence"),
        ("state = 'WITHDRAWN', reviewed_by_id = made_by_id", "proposal_review_evidence"),
        ("reviewed_by_id = made_by_id, reviewed_at = now()", "proposal_review_evidence"),
    ],
)
def test_a_decision_and_its_evidence(proposal: Proposal, change: str, name: str) -> None:
    assert broken(f"UPDATE bureau_proposal SET {change} WHERE id = {proposal.pk}") == name


def test_a_state_nobody_knows(proposal: Proposal) -> None:
    run("SET LOCAL session_replication_role = replica")
    sql = "UPDATE bureau_proposal SET state = 'MAYBE', reviewed_by_id = 0, reviewed_at = now() WHERE id = {}"
    assert broken(sql.format(proposal.pk)) == "proposal_state_known"


def test_an_export_has_no_negative_rows(db: None, staff: Staff, at: datetime) -> None:
    record = ExportRecord.objects.create(user=staff("auditor"), at=at, what="payments")
    sql = f"INSERT INTO bureau_exportoutcome (export_id, rows, sha256, finished_at) VALUES ({record.pk}, %s, '', now())"
    assert broken(sql % -1) == "export_rows_not_negative"
    run(sql % 0)
