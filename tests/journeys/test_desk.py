"""Journeys in a real browser, in Chinese."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from payments.models import BankFile, Payment
from payments.services import river
from tests.journeys.conftest import PASSWORD
from tests.payments import kit

pytestmark = pytest.mark.browser


def _passwords(town: kit.Town) -> None:
    for user in (town.clerk, town.supervisor):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])


def test_a_clerk_looks_at_a_person_and_a_file(
    enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    town = kit.town(tmp_path, 60)
    _passwords(town)
    (file,) = kit.bank(town, seed=3)
    report = kit.flow(town, file)
    page = enter(town.clerk.username)
    expect(page.locator("body")).to_contain_text("首页")
    page.goto(f"{address}/desk/payments/bankfile/{report['file']}/change/")
    expect(page.locator("body")).to_contain_text(file.name)
    expect(page.locator("body")).to_contain_text("已记账")
    expect(page.locator("body")).to_contain_text(f"{report['buckets']['SETTLED']['lines']}")
    payment = Payment.objects.order_by("id").first()
    assert payment is not None
    page.goto(f"{address}/desk/enrollment/person/{payment.person_id}/change/")
    body = page.locator("body")
    expect(body).to_contain_text(payment.person.name)
    expect(body).to_contain_text("2025-01-01")
    assert payment.person.id_number not in page.content()
    page.screenshot(path=tmp_path / "person.png", full_page=True)


def test_a_second_person_releases_a_held_file(
    enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    town = kit.town(tmp_path, 60)
    _passwords(town)
    (file,) = kit.bank(town, seed=3, faults=["wrong_total"])
    report = kit.flow(town, file)
    assert report["state"] == "HELD"
    where = f"{address}/desk/payments/bankfile/{report['file']}/change/"
    maker = enter(town.clerk.username)
    maker.goto(where)
    expect(maker.locator("body")).to_contain_text(file.name)
    assert maker.get_by_role("button", name="放行").count() == 0
    page = enter(town.supervisor.username)
    page.goto(where)
    reason = page.locator("textarea[name=reason], input[name=reason]").first
    reason.fill("银行已书面确认")
    page.get_by_role("button", name="放行").first.click()
    page.wait_for_load_state()
    held = BankFile.objects.get(pk=report["file"])
    assert held.released_by == town.supervisor
    done = river.process(file_id=held.pk, at=kit.RECEIVED_AT)
    assert done.state == "APPLIED"
    page.goto(where)
    expect(page.locator("body")).to_contain_text("已处理")
