"""A clerk imports a village's list with five faulty rows, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from enrollment.models import ListFile, Person
from tests import builders
from tests.enrollment import listkit
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_work import shoot

pytestmark = pytest.mark.browser


def test_a_list_with_five_faulty_rows(enter: Callable[[str], Page], address: str, tmp_path: Path) -> None:
    """Good rows are registered, the five others are told with line, column and what to do, and leave as a file."""
    clerk = builders.make_staff("clerk", username="clerk-lists")
    clerk.set_password(PASSWORD)
    clerk.save(update_fields=["password"])
    good, twice = [builders.id_number() for _ in range(6)], builders.id_number()
    faulty = [
        listkit.row("450802199008150014", "错号"),
        listkit.row(450802199008150013, "数字"),
        listkit.row(builders.id_number(), "无类", 人员类别="外星人"),
        listkit.row(twice, "甲"),
        listkit.row(twice, "乙"),
    ]
    path = tmp_path / "城西村.xlsx"
    path.write_bytes(listkit.xlsx([*(listkit.row(one, f"村民{n}") for n, one in enumerate(good)), *faulty]))
    page = enter("clerk-lists")
    page.goto(f"{address}/desk/enrollment/listfile/")
    page.get_by_role("link", name="上传名单").click()
    page.set_input_files("input[name=file]", path)
    shoot(page, tmp_path, "list-upload")
    page.get_by_role("button", name="上传").click()
    expect(page.locator("body")).to_contain_text("待确认")
    table = page.locator("section.desk-card", has=page.locator("h2", has_text="需要处理的行")).locator(
        "tbody tr"
    )
    expect(table).to_have_count(5)
    expect(table.nth(1)).to_contain_text("单元格是数字；请把该列设为文本格式后重新填写。")
    expect(table.nth(4)).to_contain_text("第11, 12行是同一个人")
    shoot(page, tmp_path, "list-preview")
    with page.expect_download() as sent:
        page.get_by_role("button", name="问题行").click()
    assert len(sent.value.path().read_text(encoding="utf-8-sig").splitlines()) == 6
    page.get_by_role("button", name="确认并办理").click()
    expect(page.locator("body")).to_contain_text("名单已确认。")
    expect(page.locator("h1 + span")).to_contain_text("已处理")
    shoot(page, tmp_path, "list-applied")
    assert Person.objects.filter(id_number__in=good).count() == 6
    assert ListFile.objects.get().tallies == {"NEW": 6, "ERROR": 5, "SAME": 0}
    page.goto(f"{address}/desk/enrollment/listfile/")
    shoot(page, tmp_path, "lists")
