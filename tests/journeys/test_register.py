"""The register in a real browser: a family of four by keyboard alone, and a name that two people correct."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bureau import clock
from bureau.models import User
from enrollment.models import Enrollment, Household, HouseholdMember, Person
from tests import builders
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("DESK_SHOTS", "")


def shoot(page: Page, folder: Path, name: str) -> None:
    """A picture of the page as it is."""
    page.screenshot(path=(Path(SHOTS) if SHOTS else folder) / f"{name}.png", full_page=True)


def _staff(role: str) -> User:
    user = builders.make_staff(role)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def test_a_family_of_four_by_keyboard_alone(
    enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    """Numbers, names, Enter; the newborn by its certificate; Ctrl+Enter checks, Enter saves. No mouse."""
    born = clock.today().replace(day=1)
    page = enter(_staff("clerk").username)
    page.goto(f"{address}/desk/family/")
    keys = page.keyboard

    def member(number: str, name: str) -> None:
        """From the number's field to the first field of the next row."""
        keys.type(number)
        keys.press("Enter")
        keys.type(name)
        for _field in range(4):
            keys.press("Enter")

    father, mother = builders.id_number(date(1988, 5, 17)), builders.id_number(date(1990, 3, 2))
    child = builders.id_number(date(2016, 6, 1))
    expect(page.locator("#id_m0-id_number")).to_be_focused()
    member(father, "张三")
    for number, name in ((mother, "李四"), (child, "张小明")):
        keys.press("Enter")  # the relation as it stands
        keys.press("Enter")  # an ID card
        member(number, name)
    expect(page.locator("#id_m0-birth_date")).to_have_value("1988-05-17")
    keys.press("Enter")
    keys.press("ArrowDown")  # the birth certificate stands next to the card
    keys.press("Enter")
    keys.type("T450802001")
    keys.press("Enter")
    keys.type("张小宝")
    keys.press("Enter")
    keys.type(f"{born:%Y%m%d}")
    keys.press("Enter")
    keys.press("ArrowDown")
    shoot(page, tmp_path, "family-typed")
    keys.press("Control+Enter")
    expect(page.locator("#effects")).to_contain_text("张小宝")
    expect(page.get_by_role("button", name="登记参保")).to_be_focused()
    shoot(page, tmp_path, "family-checked")
    keys.press("Enter")
    page.wait_for_url("**/household/*/")
    expect(page.locator("body")).to_contain_text("已登记并参保")
    shoot(page, tmp_path, "household")
    home = Household.objects.get()
    living = HouseholdMember.objects.filter(household=home).order_by("id")
    assert [one.relation for one in living] == ["HEAD", "SPOUSE", "CHILD", "CHILD"]
    baby = Person.objects.get(id_type="990201")
    assert (baby.birth_date, living[3].guardian_id) == (born, living[0].person_id)
    assert Enrollment.objects.filter(state="1").count() == 4


def test_a_wrong_place_is_told_at_once(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """The browser says it while typing, the bureau says it again when it is sent; the good rows stay as typed."""
    page = enter(_staff("clerk").username)
    page.goto(f"{address}/desk/family/")
    good = builders.id_number(date(1988, 5, 17))
    wrong = good[:17] + ("0" if good[17] != "0" else "1")
    page.keyboard.type(wrong)
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]").first).to_contain_text("校验位不符")
    page.keyboard.type("张三")
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr[data-row] [role=alert]")).to_be_visible()
    expect(page.locator("#id_m0-name")).to_have_value("张三")
    expect(page.locator("#id_m0-id_number")).to_be_focused()
    shoot(page, tmp_path, "family-wrong")
    assert not Person.objects.exists()


def test_a_name_is_corrected_by_two(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """The clerk sends the case, the supervisor approves it, the person's page tells it."""
    person = builders.make_person(name="张三")
    builders.enrol(person)
    clerk = enter(_staff("clerk").username)
    clerk.goto(f"{address}/desk/person/{person.pk}/")
    shoot(clerk, tmp_path, "person")
    clerk.get_by_role("link", name="更正个人信息").click()
    clerk.fill("#id_name", "章三")
    clerk.fill("#id_document", "户口簿")
    clerk.fill("#id_reason", "录入错误")
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("#effects")).to_be_visible()
    shoot(clerk, tmp_path, "correct")
    clerk.get_by_role("button", name="提交复核").click()
    clerk.wait_for_url("**/proposal/*/change/")
    expect(clerk.locator("body")).to_contain_text("已提交，待复核")
    case = clerk.url
    supervisor = enter(_staff("supervisor").username)
    supervisor.goto(case)
    expect(supervisor.locator("body")).to_contain_text("章三")
    shoot(supervisor, tmp_path, "case")
    supervisor.get_by_role("button", name="同意").click()
    expect(supervisor.locator("body")).to_contain_text("已同意")
    clerk.goto(f"{address}/desk/person/{person.pk}/")
    expect(clerk.get_by_role("heading", name="章三")).to_be_visible()
    shoot(clerk, tmp_path, "person-corrected")
    clerk.goto(f"{address}/desk/person/{person.pk}/life/")
    clerk.fill("#id_reason", "迁出证明")
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("#effects")).to_contain_text("终止")
    shoot(clerk, tmp_path, "life")
