"""The hall: a clerk looks at the document and prints a voucher; whoever gets the paper scans its code and checks it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from bureau import audit, clock
from payments.models import VoucherPrint
from payments.services import vouchers
from tests import builders
from tests.journeys.conftest import PASSWORD
from tests.payments import bookbuilders, paper

pytestmark = pytest.mark.browser


def test_a_voucher_is_printed_and_its_code_verified(
    enter: Callable[[str], Page], browser: Browser, address: str, tmp_path: Path
) -> None:
    with audit.acting(by=None, why="a payment at the counter"):
        due = bookbuilders.assess(name="覃小明")
        payment = bookbuilders.pay_at_counter(due, "S1")
    vouchers.issue_due(at=clock.now() - timedelta(minutes=1))
    clerk = builders.make_staff("clerk")
    clerk.set_password(PASSWORD)
    clerk.save(update_fields=["password"])
    page = enter(clerk.username)
    page.goto(f"{address}/desk/payments/payment/{payment.pk}/change/")
    page.get_by_role("link", name="450800-2025-00000001").click()
    expect(page.locator("body")).to_contain_text("未打印过纸质凭证")
    page.screenshot(path=tmp_path / "voucher.png")
    page.keyboard.press("p")
    page.wait_for_url(f"{address}/desk/payments/voucher/{payment.pk}/print/")
    page.fill("input[name=id_number]", builders.id_number())
    page.get_by_role("button", name="证件已核验，打印").click()
    expect(page.locator("body")).to_contain_text("不是参保人本人")
    page.screenshot(path=tmp_path / "wrong.png")
    # Chromium without a screen downloads a PDF instead of showing it: the same form, its answer taken as bytes.
    form: dict[str, str | float | bool] = {
        "csrfmiddlewaretoken": page.locator("input[name=csrfmiddlewaretoken]").first.input_value(),
        "id_type": "01",
        "id_number": due.person.id_number,
        "nth": "1",
    }
    answer = page.request.post(page.url, form=form, headers={"Referer": page.url})
    printed = answer.body()
    assert (answer.status, VoucherPrint.objects.get().nth) == (200, 1)
    assert "纸质打印第1次" in paper.text_of(printed)
    code = urlsplit(paper.code_of(printed))
    stranger = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}).new_page()
    stranger.goto(f"{address}{code.path}?{code.query}")
    expect(stranger.locator("body")).not_to_contain_text("覃小明")
    stranger.fill("input[name=name]", "覃小明")
    stranger.fill("input[name=amount]", "400.00")
    stranger.screenshot(path=tmp_path / "asked.png")
    stranger.get_by_role("button", name="查验").click()
    expect(stranger.locator("[role=status]")).to_contain_text("相符：该凭证由我方开具且有效")
    stranger.screenshot(path=tmp_path / "match.png")
    stranger.fill("input[name=amount]", "4000.00")
    stranger.get_by_role("button", name="查验").click()
    expect(stranger.locator("[role=status]")).to_have_text("不相符。")
    stranger.context.close()
