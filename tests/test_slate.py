"""The clean slate after committed work: reference data is as before, its history too."""

from datetime import UTC, datetime

from enrollment.models import Policy
from enrollment.policyfile import PolicyRow
from enrollment.services import policies
from payments.services import books
from tests import slate
from tests.builders import GUIGANG
from tests.enrollment.values import terms_of_year

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_a_published_version_leaves_nothing_behind(committed: None) -> None:
    since = slate.mark()
    before = list(Policy.objects.order_by("id").values())
    row = PolicyRow("T", GUIGANG, 2025, 2, "", "", terms_of_year(2025, wait_fixed=1))
    policies.load(rows=[row], by=None, at=AT)
    assert policies.in_force(GUIGANG, 2025).version == 2
    slate.wipe(since)
    assert list(Policy.objects.order_by("id").values()) == before
    assert [result.rows for result in books.run_checks(only=["I18"])] == [[]]
