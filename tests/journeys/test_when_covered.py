"""A late payer at the counter asks: when am I covered? By keyboard alone, in Chinese."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from enrollment.models import Person, PriorCover
from enrollment.pinyin import initials
from tests import builders
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser


def late_payer() -> Person:
    """Somebody of Guigang who was covered last in 2021 and has paid nothing since."""
    person = builders.make_person("450802", name="覃小明", initials=initials("覃小明"))
    builders.enrol(person)
    PriorCover.objects.bulk_create(
        PriorCover(person=person, benefit_year=year, source="贵港市历史数据") for year in range(2016, 2022)
    )
    return person


def test_a_late_payer_hears_the_first_day_of_cover(
    enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    person, clerk = late_payer(), builders.make_staff("clerk")
    clerk.set_password(PASSWORD)
    clerk.save(update_fields=["password"])
    page = enter(clerk.username)
    body = page.locator("body")
    page.goto(f"{address}/desk/people/")
    page.keyboard.type(f"{person.id_number[-4:]} qxm")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/desk/person/{person.pk}/")
    expect(body).to_contain_text("连续参保")
    page.screenshot(path=tmp_path / "person.png")
    page.keyboard.press("w")
    page.wait_for_url(f"{address}/desk/whatif/{person.pk}/")
    page.goto(f"{address}/desk/whatif/{person.pk}/?on=2025-03-10&year=2025")
    expect(page.locator("#start")).to_have_text("2025-06-11")
    expect(page.locator("#amount")).to_have_text("400.00")
    expect(page.locator("#sentence")).to_contain_text("等待期3个月")
    expect(page.locator("textarea")).to_contain_text("待遇期为2025-06-11至2025-12-31")
    assert person.id_number not in page.content()
    page.screenshot(path=tmp_path / "whatif.png")
    page.goto(f"{address}/desk/whatif/{person.pk}/?on=2025-10-08&year=2025")
    expect(page.get_by_role("alert").first).to_contain_text("没有待遇")
    page.screenshot(path=tmp_path / "too_late.png")
    page.get_by_role("link", name="待遇资格").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/desk/entitlement/{person.pk}/?on=2025-10-08")
    expect(page.locator("#standing")).to_contain_text("未缴费")
    page.screenshot(path=tmp_path / "entitlement.png")
