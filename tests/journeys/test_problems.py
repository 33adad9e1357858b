"""Why can't they pay? A clerk in a real browser resolves P03, P04, P05, P06 and P16 from the one screen."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bureau import audit
from bureau.models import StaffRegion, User
from enrollment.models import Enrollment, Person
from payments.models import (
    DeclarationVoid,
    Hold,
    InstructionRelease,
    Order,
    Payment,
    Receivable,
    Reversal,
)
from refunds.models import RefundCase
from tests import builders
from tests.bureau.drawings import picture
from tests.journeys.conftest import PASSWORD
from tests.payments import test_problems as worlds
from tests.payments.test_swaps import AWAY

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("DESK_SHOTS", "")
YEAR = 2025


def shoot(page: Page, folder: Path, name: str) -> None:
    """A picture of the page as it is."""
    page.screenshot(path=(Path(SHOTS) if SHOTS else folder) / f"{name}.png", full_page=True)


def staff(role: str) -> User:
    """Somebody who can log in."""
    with audit.acting(by=None, why="a test's staff"):
        user = builders.make_staff(role)
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        return user


def look(page: Page, address: str, person: Person, problem: str, prompt: str) -> None:
    """The counter types number and name; the screen leads to the year and names the problem."""
    page.goto(f"{address}/desk/why/")
    page.fill("#id_id_number", person.id_number)
    page.fill("#id_name", person.name)
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**/why/")
    page.goto(f"{address}/desk/person/{person.pk}/why/?year={YEAR}")
    expect(page.locator(f"#{problem}")).to_contain_text(prompt)


def test_p03_several_receivables(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """«查询到多条应缴数据»: the enrolment that is over is ended; one receivable is left."""
    world = worlds.WORLDS["MULTI_RECEIVABLE"][0]()
    person = Person.objects.get(pk=world.person.pk)
    page = enter(staff("clerk").username)
    look(page, address, person, "MULTI_RECEIVABLE", "查询到多条应缴数据，无法缴费")
    expect(page.get_by_text("本年度应缴")).to_be_visible()
    shoot(page, tmp_path, "p03")
    page.get_by_role("link", name="终止已结束的参保关系").click()
    page.select_option("#id_what", "END-MOVED")
    page.fill("#id_on", "2025-01-31")
    page.fill("#id_reason", "已迁出")
    page.get_by_role("button", name="检查").click()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/person/*/")
    page.goto(f"{address}/desk/person/{person.pk}/why/?year={YEAR}")
    expect(page.locator("#MULTI_RECEIVABLE")).to_have_count(0)
    assert Enrollment.objects.filter(person=person, state="4").count() == 1


def test_p04_unsettled_money(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """«存在未入库费款»: place, channel and time are told; on the bank's word two persons let it go."""
    world = worlds.WORLDS["UNSETTLED_EXISTS"][0]()
    person = Person.objects.get(pk=world.person.pk)
    page = enter(staff("clerk").username)
    look(page, address, person, "UNSETTLED_EXISTS", "存在未入库费款，不能再次缴费")
    expect(page.locator("#UNSETTLED_EXISTS")).to_contain_text("中国农业银行")
    shoot(page, tmp_path, "p04")
    page.locator("#UNSETTLED_EXISTS").get_by_role("link", name="无回盘").click()
    page.fill("[name=reason]", "银行书面确认未扣款 2025-02-01")
    page.get_by_role("button", name="提出").click()
    second = enter(staff("supervisor").username)
    second.goto(f"{address}/desk/bureau/proposal/")
    second.locator("#result_list tbody a").first.click()
    second.get_by_role("button", name="同意").click()
    expect(second.locator("body")).not_to_contain_text("待复核")
    page.goto(f"{address}/desk/person/{person.pk}/why/?year={YEAR}")
    expect(page.locator("#UNSETTLED_EXISTS")).to_have_count(0)
    assert (InstructionRelease.objects.count(), Hold.objects.count()) == (1, 0)


def both_regions(role: str) -> User:
    """Somebody who works in both regions."""
    user = staff(role)
    with audit.acting(by=None, why="both regions"):
        StaffRegion.objects.create(user=user, region_id=AWAY)
    return user


def test_p05_declared_already(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """«该缴费人已经申报»: where and when it was paid; that was a mistake of the desk, so it is refunded by three people, and the
    year can be paid where the person belongs.
    """
    person = Person.objects.get(pk=worlds._two(paid=True, ended=True).person.pk)
    page = enter(both_regions("clerk").username)
    look(page, address, person, "ALREADY_DECLARED", "该缴费人已经申报，不允许重复申报")
    declared = page.locator("#ALREADY_DECLARED")
    expect(declared).to_contain_text("2024-10-10")
    expect(declared).to_contain_text("微信")
    expect(declared).not_to_contain_text("2088")
    shoot(page, tmp_path, "p05")
    declared.get_by_role("link", name="缴费").click()
    page.wait_for_url(f"**/payments/payment/{Payment.objects.get().pk}/change/")
    page.go_back()
    declared.get_by_role("link", name="申请退费").click()
    page.wait_for_url("**/refunds/refundcase/new/?payment=*")
    page.select_option("select[name=reason]", "CLERK_ERROR")
    page.fill("input[name=holder]", person.name)
    page.fill("input[name=account]", "6228480000000000002")
    page.get_by_role("button", name="立案").click()
    page.wait_for_url("**/refundcase/*/change/")
    paper = tmp_path / "paper.jpg"
    paper.write_bytes(picture())
    for kind in ("ID_FRONT", "ID_BACK", "FORM", "BANK_CARD", "CORRECTION"):
        page.select_option("select[name=kind]", kind)
        page.set_input_files("input[name=file]", paper)
        page.get_by_role("button", name="添加材料").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator("body")).to_contain_text("金额已占用")
    for role in ("supervisor", "tax_officer"):
        other = enter(both_regions(role).username)
        other.goto(page.url)
        other.keyboard.press("a")
        expect(other.locator("body")).to_contain_text("没有待办的退费")
    assert RefundCase.objects.get().state == "TAX_APPROVED"
    page.goto(f"{address}/desk/person/{person.pk}/why/?year={YEAR}")
    for problem in ("ALREADY_DECLARED", "PAID_ELSEWHERE", "MULTI_RECEIVABLE", "NO_RECEIVABLE"):
        expect(page.locator(f"#{problem}")).to_have_count(0)
    shoot(page, tmp_path, "p05-payable")
    assert Reversal.objects.get().payment_id == Payment.objects.get().pk


def test_p06_no_receivable(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """«未查询到应缴信息»: assessed with one click."""
    world = worlds.WORLDS["NO_RECEIVABLE"][0]()
    person = Person.objects.get(pk=world.person.pk)
    page = enter(staff("clerk").username)
    look(page, address, person, "NO_RECEIVABLE", "未查询到应缴信息")
    shoot(page, tmp_path, "p06")
    page.get_by_role("button", name="核定应缴").click()
    expect(page.locator("body")).to_contain_text("已核定，现在可以缴费")
    expect(page.locator("#NO_RECEIVABLE")).to_have_count(0)
    assert Receivable.objects.get().person == person


def test_p16_an_open_order(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """«无法获得今年的付款信息»: the order of another channel is listed and cancelled with a reason."""
    world = worlds.WORLDS["OPEN_ORDER"][0]()
    person = Person.objects.get(pk=world.person.pk)
    page = enter(staff("clerk").username)
    look(page, address, person, "OPEN_ORDER", Order.objects.get().number)
    page.fill("#OPEN_ORDER [name=reason]", "缴费人改到柜台缴费")
    shoot(page, tmp_path, "p16")
    page.get_by_role("button", name="取消订单").click()
    expect(page.locator("body")).to_contain_text("订单已取消，可以重新缴费")
    expect(page.locator("#OPEN_ORDER")).to_have_count(0)
    assert Order.objects.get().state == "CANCELLED"


def test_a_tax_officer_voids(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """作废: a declared order that was never debited; asked for from the list, decided by a second officer, payable again."""
    world = worlds.WORLDS["OPEN_ORDER"][0]()
    due = Receivable.objects.get(person=world.person)
    first, second = staff("tax_officer"), staff("tax_officer")
    page = enter(first.username)
    page.goto(f"{address}/desk/payments/declarationvoid/")
    page.get_by_role("link", name="作废已申报记录").first.click()
    page.get_by_role("link", name=str(due.pk)).click()
    page.fill("#id_reason", "渠道书面确认未扣款")
    page.get_by_role("button", name="申请作废").click()
    expect(page.locator("body")).to_contain_text("由第二名税务人员审核")
    expect(page.get_by_role("button", name="不予作废")).to_have_count(0)
    shoot(page, tmp_path, "void_asked")
    other = enter(second.username)
    other.goto(f"{address}/desk/payments/declarationvoid/ask/")
    expect(other.locator("body")).to_contain_text("渠道书面确认未扣款")
    shoot(other, tmp_path, "void_decide")
    other.get_by_role("button", name="作废", exact=True).click()
    expect(other.locator("body")).to_contain_text("该记录已作废")
    void = DeclarationVoid.objects.get()
    assert (void.receivable_id, void.proposal.made_by, void.proposal.reviewed_by) == (due.pk, first, second)
    assert (Order.objects.get().state, Hold.objects.count()) == ("CANCELLED", 0)
