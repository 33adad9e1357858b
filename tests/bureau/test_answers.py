"""The counter's pages: when is this person covered, and is this person covered on a day."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from bureau.models import User
from enrollment.models import Person, PriorCover
from payments.models import Receivable
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import bookbuilders


@pytest.fixture
def clerk(db: None) -> User:
    """Who answers."""
    return builders.make_staff("clerk")


@pytest.fixture
def person(db: None) -> Person:
    """Who asks."""
    person = builders.make_person(name="覃小明", initials="qxm")
    builders.enrol(person)
    return person


def shown(client: Client, person: Person, kind: str = "whatif", **query: object) -> str:
    """The text of a page about a person."""
    response = client.get(reverse(f"desk:{kind}_person", args=[person.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("kind", ["whatif", "entitlement"])
def test_a_number_and_a_day_lead_to_the_answer(
    clerk: User, person: Person, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By POST; the address names nobody's number, and the look-up is logged."""
    client = client_of(clerk)
    with caplog.at_level(logging.INFO):
        response = client.post(
            reverse(f"desk:{kind}"), {"text": person.id_number.lower(), "on": "2025-03-10"}
        )
    assert response.headers["Location"] == f"{reverse(f'desk:{kind}_person', args=[person.pk])}?on=2025-03-10"
    assert f"look-up by {clerk.username}: ID number found [{person.pk}]" in caplog.text
    assert person.id_number not in caplog.text


def test_who_is_not_meant_alone_is_asked_for_again(clerk: User, person: Person) -> None:
    """Nobody, or several; what was typed does not come back."""
    builders.make_person(name="覃小梅", initials="qxm")
    client = client_of(clerk)
    several = client.post(reverse("desk:whatif"), {"text": "覃小", "on": "2025-03-10"}).content.decode()
    assert "多人" in several
    unknown = builders.id_number()
    nobody = client.post(reverse("desk:whatif"), {"text": unknown, "on": "2025-03-10"}).content.decode()
    assert "没有此证件号码" in nobody
    assert unknown not in nobody


def test_the_answer_tells_day_amount_and_months(clerk: User, person: Person) -> None:
    """With the sentence to read out and the text message; never the number."""
    text = shown(client_of(clerk), person, on="2025-03-10", year="2025")
    for part in ("2025-06-11", "400.00", "等待期3个月", "【居民医保】覃小明", "请先向本人说明"):
        assert part in text
    assert person.id_number not in text


def test_repair_is_offered_as_far_as_it_helps_and_refused_beyond(clerk: User) -> None:
    """In Sichuan 2028, four years after the last cover: 0, 1, 2; three are refused and the answer without repair stays."""
    sichuan = builders.make_staff("clerk", "510100")
    person = builders.make_person("510100")
    builders.enrol(person, "510100")
    PriorCover.objects.create(person=person, benefit_year=2024)
    client = client_of(sichuan)
    text = shown(client, person, on="2028-03-10", year="2028", repair="2")
    assert "断缴年度修复" in text
    assert "800.00" in text
    assert "修复后减2个月" in text
    refused = shown(client, person, on="2028-03-10", year="2028", repair="3")
    assert "多缴的部分" in refused
    assert "2028-08-11" in refused


def test_the_receivable_stands_beside_the_price_of_the_day(clerk: User) -> None:
    """What was assessed, its state, and where to look at it."""
    due = bookbuilders.assess()
    assert isinstance(due, Receivable)
    text = shown(client_of(clerk), due.person, on="2025-03-10", year=str(bookbuilders.YEAR))
    assert reverse("admin:payments_receivable_change", args=[due.pk]) in text


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"on": "x", "year": "y", "repair": "z"},
        {"on": "2025-02-30"},
        {"year": "99999999999999999999"},
        {"repair": "-1"},
        {"on": "2199-12-31"},
        {"year": "2199"},
    ],
)
@pytest.mark.parametrize("kind", ["whatif", "entitlement"])
def test_odd_questions_are_no_errors(clerk: User, person: Person, kind: str, query: dict[str, str]) -> None:
    """Today and the usual year are meant, or the page says that there is no policy."""
    shown(client_of(clerk), person, kind, **query)


@pytest.mark.parametrize("kind", ["whatif", "entitlement"])
def test_people_of_other_regions_do_not_exist(person: Person, kind: str) -> None:
    """404 for a clerk of Beijing."""
    client = client_of(builders.make_staff("clerk", "110000"))
    assert client.get(reverse(f"desk:{kind}_person", args=[person.pk])).status_code == 404


def test_entitlement_tells_the_ratios(clerk: User, person: Person) -> None:
    """As information, beside the answer."""
    text = shown(client_of(clerk), person, "entitlement", on="2025-03-10")
    assert "未缴费" in text
    assert "85 %" in text
