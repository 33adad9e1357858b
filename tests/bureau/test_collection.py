"""Collection by region, channel and day: what was cut, added up; drilled down; taken along."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bureau.models import ExportRecord
from payments.models import DayCut, DuplicatePayment
from payments.services import collection
from tests import builders
from tests.bureau import desk_world
from tests.bureau.desk_world import HOME, client_of
from tests.payments.bookbuilders import AT, AWAY

pytestmark = pytest.mark.django_db
DAY = date(2025, 1, 15)


def cut(region: str = HOME, channel: str = "WECHAT", day: date = DAY, **fields: Any) -> DayCut:
    """A day of a channel: 1,000 booked, 600 of it in the treasury."""
    values: dict[str, Any] = {
        "booked_lines": 10, "booked": 1000, "treasury_lines": 6, "treasury": 600, "unsettled_lines": 4, "unsettled": 400,
        "expected_on": day + timedelta(days=1), "cut_at": AT,
    }  # fmt: skip
    return DayCut.objects.create(region_id=region, channel=channel, day=day, **(values | fields))


def test_added_up() -> None:
    """By channel, by day, in total; a region asked for alone."""
    cut()
    cut(channel="ALIPAY", back=100, duplicate=50)
    cut(day=DAY + timedelta(days=1))
    cut(region=AWAY)
    found = collection.of(regions=[HOME], first=DAY, last=DAY + timedelta(days=9))
    total = found.total()
    assert (total.lines, total.booked, total.settled, total.unsettled) == (30, 3000, 1800, 1200)
    assert {key: one.booked for key, one in found.by(lambda row: row.channel).items()} == {
        "WECHAT": 2000,
        "ALIPAY": 1000,
    }
    assert len(found.by(lambda row: row.day)) == 2
    assert collection.of(regions=None, first=DAY, last=DAY).total().lines == 30
    assert collection.latest(regions=[AWAY]) == DAY


def test_ages() -> None:
    """Counted from the day on which the channel's money belongs in the treasury."""
    for late, channel in ((-1, "WECHAT"), (0, "ALIPAY"), (3, "POST"), (4, "QR"), (10, "CASH"), (11, "ETAX")):
        cut(channel=channel, expected_on=DAY - timedelta(days=late))
    cut(channel="VILLAGE", unsettled_lines=0, unsettled=0)
    assert [(age.late, age.lines) for age in collection.ages(regions=[HOME], on=DAY)] == [
        (0, 8),
        (3, 4),
        (10, 8),
        (None, 4),
    ]


def test_declined_by_reason() -> None:
    """From the answers of files applied in the period, in the regions asked for."""
    desk_world.make()
    day = AT.date()
    assert collection.declined(regions=[HOME], first=day, last=day) == [("NO_FUNDS", 2, Decimal("800.00"))]
    assert collection.declined(regions=[AWAY], first=day, last=day) == []
    assert (
        collection.declined(regions=None, first=day - timedelta(days=9), last=day - timedelta(days=1)) == []
    )


def test_the_page() -> None:
    """Figures, ways down, only the person's own regions, a fixed number of queries."""
    cut()
    cut(region=AWAY, booked=Decimal("77777.00"))
    client = client_of(builders.make_staff("supervisor"))
    here = reverse("desk:collection")
    with CaptureQueriesContext(connection) as few:
        page = client.get(here).content.decode()
    assert ("1,000.00" in page, "77,777.00" in page) == (True, False)
    assert "channel=WECHAT" in page
    assert f"{reverse('admin:payments_daycut_changelist')}?from=2025-01-15" in page
    for nth in range(20):
        cut(day=DAY - timedelta(days=nth + 1))
    with CaptureQueriesContext(connection) as many:
        assert client.get(f"{here}?region={AWAY}&channel=x&from=9999-99-99&to=0001-01-01").status_code == 200
    assert len(many) == len(few)
    assert client_of(builders.make_staff("sysadmin")).get(here).status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_taken_along(kind: str) -> None:
    """As CSV or as a workbook, entered in the register."""
    cut()
    client = client_of(builders.make_staff("auditor"))
    address = reverse("desk:collection_export")
    assert client.get(address).status_code == 302
    response = client.post(f"{address}?from=2025-01-01&to=2025-01-31", {"kind": kind})
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    if kind == "csv":
        assert "2025-01-15,450800" in data.decode("utf-8-sig")
    else:
        rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)  # type: ignore[union-attr]
        assert (rows[1][0], rows[1][1], rows[1][5]) == ("2025-01-15", "450800", 1000)
    assert ExportRecord.objects.get(what="collection").outcome.rows == 1


def test_lists_as_workbooks() -> None:
    """Every list that may be taken along: masked, no formula, the digest of what was sent."""
    world = desk_world.make()
    person = DuplicatePayment.objects.select_related("person").get().person
    person.name = "=1+1"
    person.save()
    client = client_of(world.who("auditor"))
    for model, what in (
        ("payment", "payments"),
        ("settlementline", "differences"),
        ("duplicatepayment", "duplicates"),
        ("workitem", "work_items"),
    ):
        address = reverse(f"admin:payments_{model}_export")
        response = client.post(address, {"purpose": "audit", "kind": "xlsx"})
        data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        book = openpyxl.load_workbook(io.BytesIO(data))
        cells = [cell for row in book.active.iter_rows() for cell in row]  # type: ignore[union-attr]
        assert [cell.value for cell in cells if cell.data_type == "f"] == []
        assert person.id_number not in str([cell.value for cell in cells])
        assert ExportRecord.objects.get(what=what, purpose="audit").outcome.rows == book.active.max_row - 1  # type: ignore[union-attr]
