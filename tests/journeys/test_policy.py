"""Next year's window in a real browser: drafted, compared, tried, handed to a second person, published."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bureau import audit
from enrollment.models import Policy
from enrollment.services import policies
from tests import builders
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("DESK_SHOTS", "")
CASES = """case_id,policy,pay_date,birth_date,newborn,missed_years
按期,GG26,2025-10-08,,0,
三月缴费,GG26,2026-03-10,,0,
断保一年,GG26,2026-03-20,,0,2025
"""


def shoot(page: Page, folder: Path, name: str) -> None:
    """A picture of the page as it is."""
    page.screenshot(path=(Path(SHOTS) if SHOTS else folder) / f"{name}.png", full_page=True)


@pytest.fixture
def supervisors(address: str) -> tuple[str, str]:
    """Two supervisors of Guigang who can log in."""
    with audit.acting(by=None, why="people of a test"):
        made = [builders.make_staff("supervisor"), builders.make_staff("supervisor")]
        for user in made:
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
    return made[0].username, made[1].username


def test_publishing_next_years_window(
    supervisors: tuple[str, str], enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    """One writes and tries, another publishes; the window stands in the calendar."""
    first, second = supervisors
    page = enter(first)
    page.goto(f"{address}/desk/enrollment/policy/")
    shoot(page, tmp_path, "policies")
    page.get_by_role("link", name="起草政策").click()
    page.select_option("select[name=region]", "450800")
    page.fill("input[name=year]", "2026")
    page.get_by_role("button", name="下一").click()
    expect(page.locator("h1", has_text="起草政策")).to_contain_text("2026")
    shoot(page, tmp_path, "draft")
    page.fill("input[name=t-window_close]", "2026-03-31")
    page.fill("input[name=t-wait_fixed]", "99")
    page.fill("input[name=note]", "桂医保发〔2025〕18号：缴费期延至3月31日")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("[role=alert]").last).to_contain_text("固定")
    shoot(page, tmp_path, "draft-error")
    page.fill("input[name=t-wait_fixed]", "3")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("#difference")).to_contain_text("2026-03-31")
    shoot(page, tmp_path, "difference")
    page.get_by_role("link", name="试算").click()
    cases = tmp_path / "cases.csv"
    cases.write_text(CASES, encoding="utf-8")
    page.set_input_files("input[name=cases]", cases)
    page.get_by_role("button", name="试算这些案例").click()
    expect(page.locator("#cases")).to_contain_text("三月缴费")
    expect(page.locator("#cases")).not_to_contain_text("按期")
    shoot(page, tmp_path, "tried")
    page.get_by_role("link", name="返回").click()
    page.fill("input[name=reason]", "桂医保发〔2025〕18号")
    page.get_by_role("button", name="提交复核").click()
    expect(page.locator("body")).to_contain_text("等待第二人复核")
    other = enter(second)
    other.goto(f"{address}/desk/bureau/proposal/")
    other.locator("#result_list tbody a").first.click()
    expect(other.locator("body")).to_contain_text("2026-03-31")
    shoot(other, tmp_path, "proposal")
    other.get_by_role("button", name="同意").click()
    expect(other.locator("body")).not_to_contain_text("待复核")
    made = Policy.objects.get(region_id=builders.GUIGANG, benefit_year=2026)
    assert made.state == "PUBLISHED"
    assert policies.in_force(builders.GUIGANG, 2026).values.window_close == date(2026, 3, 31)
    other.goto(f"{address}/desk/enrollment/policy/calendar/?year=2026")
    expect(other.locator(".desk-track")).to_have_count(1)
    shoot(other, tmp_path, "calendar")
    other.goto(f"{address}/desk/enrollment/policy/{made.pk}/change/")
    shoot(other, tmp_path, "published")
