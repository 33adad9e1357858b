"""The national app hands in applications over the network; a clerk reviews them in Chromium with the keyboard."""

import base64
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from bureau import audit
from bureau.models import User
from enrollment.models import Enrollment, EnrolmentApplication, Person
from tests.builders import make_person, make_staff
from tests.bureau.partner_world import make_caller
from tests.clients.partner import Partner
from tests.enrollment.forms import form
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("DESK_SHOTS", "")


def shoot(page: Page, folder: Path, name: str) -> None:
    """A picture of the page as a clerk's screen shows it."""
    page.screenshot(path=(Path(SHOTS) if SHOTS else folder) / f"{name}.png")


def card(lines: list[str], colour: str) -> dict[str, str]:
    """A drawn card, 850 by 540."""
    image = Image.new("RGB", (850, 540), colour)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((60, 80 + number * 90), line, fill="black", font_size=40)
    written = BytesIO()
    image.save(written, "JPEG")
    kind = "ID_FRONT" if lines else "ID_BACK"
    return {"kind": kind, "content": base64.b64encode(written.getvalue()).decode()}


@pytest.fixture
def clerk(address: str) -> User:
    """Somebody who may log in."""
    with audit.acting(by=None, why="a test's staff"):
        user = make_staff("clerk")
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


@pytest.fixture
def app(address: str) -> Partner:
    """The reference client with a live key."""
    with audit.acting(by=None, why="a test's partner"):
        partner = make_caller(code="national-app").partner
    partner.address = address
    return partner


def hand_in(app: Partner, **fields: Any) -> dict[str, Any]:
    """An application over the network."""
    content = form(**fields)
    content["pictures"] = [card(["ZHANG SAN", content["id_number"]], "#dfe8ef"), card([], "#efe3df")]
    reply = app.apply(content)
    assert reply.status == 201, reply.body
    return dict(reply.json) | {"form": content}


def test_the_reference_client_against_the_real_server(app: Partner, clerk: User) -> None:
    """Handing in, the lost answer, the repeated call, the stolen call, the stranger."""
    content = form()
    content["pictures"] = [card(["A"], "white"), card([], "white")]
    first, again = app.apply(content, "lost-1"), app.apply(content, "lost-1")
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    number = first.json["number"]
    assert app.call("GET", f"/api/v1/enrolment-applications/{number}").json["status"] == "WAITING"
    assert app.apply(content | {"name": "李四"}, "lost-1").json["code"] == "idempotency_mismatch"
    late = Partner(app.address, app.key, app.secret, skew=-3600)
    assert late.call("GET", f"/api/v1/enrolment-applications/{number}").json["code"] == "timestamp_outside"
    stranger = Partner(app.address, app.key, "0" * 64)
    assert stranger.apply(form()).json["code"] == "signature_wrong"
    described = app.call("GET", "/api/v1/schema")
    assert described.json["info"]["version"] == "1"
    assert EnrolmentApplication.objects.count() == 1


def test_a_clerk_reviews_by_keyboard(
    app: Partner, clerk: User, enter: Callable[[str], Page], address: str, tmp_path: Path
) -> None:
    """n takes the oldest, a accepts, the next opens by itself, r writes the reason and Ctrl+Enter returns it."""
    with audit.acting(by=None, why="a test's person"):
        twin = make_person(name="李四")
    one = hand_in(app, name="张三")
    two = hand_in(app, name="李四")
    three = hand_in(app, name="王五")
    page = enter(clerk.username)
    page.goto(f"{address}/desk/enrollment/enrolmentapplication/")
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    shoot(page, tmp_path, "applications")
    page.keyboard.press("n")
    expect(page.locator("h1").last).to_contain_text(one["number"])
    expect(page.locator("[data-shown]")).to_be_visible()
    assert page.locator("[data-shown]").evaluate("image => image.naturalWidth") == 850
    shoot(page, tmp_path, "application")
    page.keyboard.press("z")
    shoot(page, tmp_path, "application-zoomed")
    page.keyboard.press("o")
    page.keyboard.press("2")
    expect(page.locator("[data-picture].desk-chip-on")).to_contain_text("国徽面")
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("张三已参保登记")
    expect(page.locator("h1").last).to_contain_text(two["number"])
    expect(page.locator("body")).to_contain_text("同名同生日")
    shoot(page, tmp_path, "application-twin")
    page.keyboard.press("a")
    expect(page.locator("body")).to_contain_text("如确为另一人")
    page.keyboard.press("c")
    expect(page.locator("body")).to_contain_text("李四已参保登记")
    expect(page.locator("h1").last).to_contain_text(three["number"])
    page.keyboard.press("r")
    page.keyboard.type("照片不清，请重拍")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("已退回")
    told = app.call("GET", f"/api/v1/enrolment-applications/{three['number']}").json
    assert (told["status"], told["reason"]) == ("RETURNED", "照片不清，请重拍")
    assert Person.objects.filter(name="李四").count() == 2
    assert Enrollment.objects.exclude(person=twin).count() == 2
    numbers = [one["form"]["id_number"], two["form"]["id_number"]]
    assert not [number for number in numbers if number in page.content()]
