"""A clerk's morning in a real browser: upload, watch, clear the queue with the keyboard; and no page breaks its policy."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from payments.models import BankFile, WorkItem, WorkNote
from payments.services import river
from tests.journeys.conftest import PASSWORD
from tests.payments import kit

pytestmark = pytest.mark.browser
# Where the screenshots go; without it, beside the other leavings of the test.
SHOTS = os.environ.get("DESK_SHOTS", "")


def shoot(page: Page, folder: Path, name: str) -> None:
    """A picture of the page as it is."""
    page.screenshot(path=(Path(SHOTS) if SHOTS else folder) / f"{name}.png", full_page=True)


@pytest.fixture
def town(address: str, tmp_path: Path) -> kit.Town:
    """A batch sent to the bank, and people who can log in."""
    made = kit.town(tmp_path, 240)
    for user in (made.clerk, made.supervisor):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return made


def test_uploading_and_watching(
    town: kit.Town, enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    """The file is chosen, queued, and the page turns by itself when it is done."""
    (file,) = kit.bank(town, seed=5)
    path = tmp_path / file.name
    path.write_bytes(file.content)
    page = enter(town.clerk.username)
    page.goto(f"{address}/desk/payments/bankfile/")
    page.get_by_role("link", name="上传回盘文件").click()
    page.set_input_files("input[name=file]", path)
    page.get_by_role("button", name="上传").click()
    expect(page.locator("[data-progress-url]")).to_contain_text("等待处理")
    shoot(page, tmp_path, "queued")
    river.process(file_id=BankFile.objects.get(name=file.name).pk, at=kit.RECEIVED_AT)
    expect(page.locator("body")).to_contain_text("已处理", timeout=20_000)
    expect(page.locator("[data-progress-url]")).to_have_count(0)
    page.locator("a.desk-link", has_text="未匹配").first.click()
    expect(page.locator("#result_list tbody tr").first).to_contain_text("未匹配")
    shoot(page, tmp_path, "lines")


def test_the_queue_by_keyboard(
    town: kit.Town, enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    """n takes the next item, r writes, Ctrl+Enter resolves and opens the next one: no mouse."""
    (file,) = kit.bank(town, seed=5)
    kit.flow(town, file)
    waiting = WorkItem.objects.filter(state="OPEN").count()
    assert waiting >= 3
    page = enter(town.clerk.username)
    page.goto(f"{address}/desk/payments/workitem/")
    shoot(page, tmp_path, "queue")
    page.keyboard.press("n")
    page.wait_for_url("**/workitem/*/change/")
    first = page.url
    page.keyboard.press("m")
    page.keyboard.type("问过银行")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("已添加备注")
    page.keyboard.press("r")
    page.keyboard.type("已核实")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("已办结。")
    assert page.url != first
    shoot(page, tmp_path, "item")
    page.get_by_role("button", name="已知悉，无需处理。").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("已办结。")
    page.goto(f"{address}/desk/payments/workitem/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/workitem/*/change/")
    assert WorkItem.objects.filter(state="RESOLVED", resolved_by=town.clerk).count() == 2
    assert WorkNote.objects.filter(by=town.clerk).count() == 1


def test_several_items_at_once(town: kit.Town, enter: Callable[[str], Page], address: str) -> None:
    """Tick all, one text, one button."""
    (file,) = kit.bank(town, seed=5)
    kit.flow(town, file)
    waiting = WorkItem.objects.filter(state="OPEN").count()
    page = enter(town.supervisor.username)
    page.goto(f"{address}/desk/payments/workitem/")
    page.locator("input[data-all=item]").check()
    page.locator("#bulk input[name=text]").fill("批量核实")
    page.get_by_role("button", name="办结", exact=True).click()
    expect(page.locator("body")).to_contain_text(f"已处理{waiting}项。")
    assert not WorkItem.objects.exclude(state="RESOLVED").exists()


def test_filters_apply_themselves(town: kit.Town, enter: Callable[[str], Page], address: str) -> None:
    """Choosing in the bar is enough; the address line holds the filter and nothing empty."""
    (file,) = kit.bank(town, seed=5)
    kit.flow(town, file)
    page = enter(town.clerk.username)
    page.goto(f"{address}/desk/payments/workitem/")
    page.select_option("select[name=kind]", "UNMATCHED")
    page.wait_for_url("**/workitem/?kind=UNMATCHED")
    for label in page.locator("#result_list tbody tr").all_inner_texts():
        assert "已扣款，未匹配" in label


def test_no_page_breaks_its_policy(
    town: kit.Town, enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    """The console of the browser stays empty on every page of the sidebar, in Chinese and in English."""
    (file,) = kit.bank(town, seed=5)
    kit.flow(town, file)
    page = enter(town.supervisor.username)
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{page.url}: {message.text}")

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    addresses = page.locator("#nav-sidebar a[href]").evaluate_all("links => links.map(link => link.href)")
    assert len(addresses) >= 15
    for language, word in (("zh-hans", "首页"), ("en", "Home")):
        page.locator(f'.desk-language button[value="{language}"]').click()
        expect(page.locator("#nav-sidebar")).to_contain_text(word)
        for where in addresses:
            page.goto(where)
        page.goto(f"{address}/desk/")
        shoot(page, tmp_path, f"home-{language}")
    assert said == []
