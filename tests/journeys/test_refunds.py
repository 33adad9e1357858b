"""Refunds in a real browser: a duplicate by three people, a refusal explained, a bounce corrected, an heir's application."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bureau import audit
from enrollment.choices import RefundReason
from enrollment.models import Person
from payments.models import Reversal
from refunds.models import PayoutBatch, RefundCase
from refunds.services import candidates, payouts
from tests import builders
from tests.bureau.drawings import picture
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_work import shoot
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import AT, approved, form_for, paid, paid_twice
from tests.refunds.test_payouts import receive

pytestmark = pytest.mark.browser
Enter = Callable[[str], Page]


@pytest.fixture
def desk(address: str) -> refundkit.Desk:
    """The staff of the desks, who can log in."""
    made = refundkit.desk()
    with audit.acting(by=None, why="passwords of a test"):
        for user in (made.clerk, made.supervisor, made.officer, made.payer_out, made.releaser):
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
    return made


def test_a_duplicate_by_three_people(
    desk: refundkit.Desk, enter: Enter, address: str, tmp_path: Path
) -> None:
    """Found, made a case with one click, signed from the list by the bureau, approved by the tax office; then frozen into a
    batch, released by a colleague and answered by the bank: the money is there.
    """
    paid_twice(desk, 3)
    candidates.find(region_id=refundkit.REGION, year=2025, at=AT)
    page = enter(desk.clerk.username)
    page.goto(f"{address}/desk/refunds/refundcandidate/")
    shoot(page, tmp_path, "candidates")
    page.locator("[data-all=row]").check()
    page.get_by_role("button", name="生成退费单").click()
    expect(page.locator("body")).to_contain_text("已提交3件退费申请")
    page = enter(desk.supervisor.username)
    page.goto(f"{address}/desk/refunds/refundcase/sign/")
    shoot(page, tmp_path, "sign")
    expect(page.locator("[data-ticked-yuan]")).to_have_text("1,200.00")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-ticked-yuan]")).to_have_text("800.00")
    page.locator("input[name=case]").nth(1).focus()
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("已签署2件")
    page = enter(desk.officer.username)
    page.goto(f"{address}/desk/refunds/refundcase/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/refundcase/*/change/")
    shoot(page, tmp_path, "case")
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("已审批")
    assert sorted(RefundCase.objects.values_list("state", flat=True)) == [
        "BUREAU_APPROVED",
        "SUBMITTED",
        "TAX_APPROVED",
    ]
    assert Reversal.objects.count() == 1
    paid_out(desk, enter, address, tmp_path)
    case = RefundCase.objects.get(state="PAID")
    page = enter(desk.clerk.username)
    page.goto(f"{address}/desk/refunds/refundcase/{case.pk}/change/")
    expect(page.locator("body")).to_contain_text("已退付")
    shoot(page, tmp_path, "paid")


def paid_out(desk: refundkit.Desk, enter: Enter, address: str, tmp_path: Path) -> None:
    """Made by one officer, released by another, answered by the bank's file."""
    page = enter(desk.payer_out.username)
    page.goto(f"{address}/desk/refunds/payoutbatch/freeze/")
    page.select_option("select[name=route]", "FUND_ACCOUNT")
    page.select_option("select[name=bank]", "103")
    page.locator("main button[type=submit], #content button[type=submit]").last.click()
    page.wait_for_url("**/payoutbatch/*/change/")
    page = enter(desk.releaser.username)
    page.goto(f"{address}/desk/refunds/payoutbatch/")
    page.locator("#result_list tbody a").first.click()
    page.locator("button[value=release]").click()
    expect(page.locator("body")).to_contain_text("已放行")
    said = tmp_path / "YBTF_R1.txt"
    said.write_bytes(answer(PayoutBatch.objects.get()))
    page.goto(f"{address}/desk/refunds/payoutfile/upload/")
    page.set_input_files("input[name=file]", said)
    page.locator("main button[type=submit], #content button[type=submit]").last.click()
    page.wait_for_url("**/payoutfile/*/change/")
    expect(page.locator("body")).to_contain_text("已处理")


def test_a_refusal_is_explained(desk: refundkit.Desk, enter: Enter, address: str, tmp_path: Path) -> None:
    """At the counter, before anything is written: the sentence that the clerk reads out."""
    (payment,) = paid(desk)
    page = enter(desk.clerk.username)
    page.goto(f"{address}/desk/refunds/refundcase/start/")
    page.fill("input[name=who]", payment.person.id_number)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="可否退费").click()
    page.select_option("select[name=reason]", "VOLUNTARY")
    page.get_by_role("button", name="可否退费").click()
    expect(page.locator(".desk-aloud")).to_contain_text("个人不愿参保不属于退费情形")
    shoot(page, tmp_path, "refusal")
    assert not RefundCase.objects.exists()


def test_a_bounce_is_corrected(desk: refundkit.Desk, enter: Enter, address: str, tmp_path: Path) -> None:
    """The clerk writes the right account, the supervisor confirms it, and the case waits for the next batch."""
    (double,) = paid_twice(desk)
    case = approved(desk, form_for(double, RefundReason.DUP_PAY))
    batch = payouts.freeze(
        route="FUND_ACCOUNT", region_id=refundkit.REGION, bank="103", by=desk.payer_out, at=AT
    )
    payouts.release(batch_id=batch.pk, by=desk.releaser, at=AT)
    receive(desk, answer(batch, {1: ("3018", "已清户")}))
    page = enter(desk.clerk.username)
    page.goto(f"{address}/desk/refunds/refundcase/?show=failed")
    page.get_by_role("link", name=case.number).click()
    expect(page.locator("body")).to_contain_text("已清户")
    page.fill("input[name=holder]", case.person.name)
    page.fill("input[name=account]", "6228480000000000001")
    page.fill("input[name=words]", "旧卡已销")
    page.get_by_role("button", name="登记").click()
    page = enter(desk.supervisor.username)
    page.goto(f"{address}/desk/bureau/proposal/")
    page.locator("#result_list tbody a").first.click()
    page.locator("button[value=approve]").first.click()
    case.refresh_from_db()
    assert case.state == "TAX_APPROVED"
    shoot(page, tmp_path, "confirmed")


def test_an_heirs_application(desk: refundkit.Desk, enter: Enter, address: str, tmp_path: Path) -> None:
    """The register knows of the death; the heir brings cards, form and kinship, and the case is handed in."""
    (payment,) = paid(desk, start=date(2025, 6, 2), end=date(2026, 1, 1))
    with audit.acting(by=None, why="a death"):
        Person.objects.filter(pk=payment.person_id).update(death_date=date(2025, 1, 18))
    paper = tmp_path / "paper.jpg"
    paper.write_bytes(picture())
    page = enter(desk.clerk.username)
    page.goto(f"{address}/desk/refunds/refundcase/new/?payment={payment.pk}")
    page.select_option("select[name=reason]", "DEATH")
    page.select_option("select[name=applicant]", "HEIR")
    page.fill("input[name=applicant_name]", "张小明")
    page.fill("input[name=applicant_number]", builders.id_number())
    page.fill("input[name=holder]", "张小明")
    page.fill("input[name=account]", "6228480000000000002")
    page.get_by_role("button", name="立案").click()
    page.wait_for_url("**/refundcase/*/change/")
    for kind in ("ID_FRONT", "ID_BACK", "FORM", "BANK_CARD", "KINSHIP"):
        page.select_option("select[name=kind]", kind)
        page.set_input_files("input[name=file]", paper)
        page.get_by_role("button", name="添加材料").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator("body")).to_contain_text("金额已占用")
    shoot(page, tmp_path, "heir")
    case = RefundCase.objects.get()
    assert (case.state, case.payee) == ("SUBMITTED", "HEIR")
