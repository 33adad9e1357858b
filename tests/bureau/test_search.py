"""Looking people up: by POST only, exactly by number, in one's own regions, leaving who looked but not for what."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from bureau.models import User
from enrollment.models import Enrollment, Person
from tests import builders
from tests.bureau.desk_world import client_of
from tests.payments import bookbuilders


@pytest.fixture
def clerk(db: None) -> User:
    """Who looks."""
    return builders.make_staff("clerk")


@pytest.fixture
def person(db: None) -> Person:
    """Who is looked for."""
    return builders.make_person(name="欧阳娜娜")


def look(client: Client, text: str) -> str:
    """Where the search leads: an address, or the page's text."""
    response = client.post(reverse("desk:search"), {"text": text})
    return response.headers["Location"] if response.status_code == 302 else response.content.decode()


def page_of(person: Person) -> str:
    """The page about a person."""
    return reverse("desk:person", args=[person.pk])


def test_a_whole_id_number_leads_to_the_person(clerk: User, person: Person) -> None:
    """Also with blanks around, full-width digits or a small x; never part of a number."""
    client, number = client_of(clerk), person.id_number
    wide = number.translate({ord(str(digit)): ord("０") + digit for digit in range(10)})
    for text in (number, f" {number} ", number.lower(), wide):
        assert look(client, text) == page_of(person)
    assert "没有此证件号码" in look(client, number[:10])


def test_an_old_number_of_15_digits_leads_to_the_person(clerk: User) -> None:
    """Under its form of 18 places."""
    person = builders.make_person()
    old = person.id_number[:6] + person.id_number[8:17]
    assert look(client_of(clerk), old) == page_of(person)


def test_a_reference_leads_to_the_person(clerk: User) -> None:
    """What stands in the bank's line, and the number of the receivable."""
    due = bookbuilders.assess()
    client = client_of(clerk)
    assert look(client, f"{due}-01") == page_of(due.person)
    assert look(client, str(due)) == page_of(due.person)


def test_a_name_by_its_beginning(clerk: User, person: Person) -> None:
    """One found is opened; several are listed; other regions are not."""
    client = client_of(clerk)
    assert look(client, "欧阳") == page_of(person)
    twin = builders.make_person(name="欧阳修")
    shown = look(client, "欧阳")
    assert page_of(person) in shown
    assert page_of(twin) in shown
    far = builders.make_person("510100", name="诸葛亮")
    assert page_of(far) not in look(client, "诸葛")


def test_people_of_other_regions_do_not_exist(clerk: User) -> None:
    """Unless they are enrolled here: then they are visible, whatever their own region."""
    far = builders.make_person("510100")
    client = client_of(clerk)
    assert "没有此证件号码" in look(client, far.id_number)
    assert client.get(page_of(far)).status_code == 404
    builders.enrol(far)
    assert look(client, far.id_number) == page_of(far)
    assert client.get(page_of(far)).status_code == 200


def test_an_enrolment_elsewhere_shows_region_and_state_only(clerk: User) -> None:
    """P03: the citizen's problem is visible, its details are not."""
    person = builders.make_person()
    builders.enrol(person)
    builders.enrol(person, "510100", reason="moved for work", started_on="2019-03-02")
    text = client_of(clerk).get(page_of(person)).content.decode()
    assert "成都市" in text
    assert "2019-03-02" not in text
    assert "moved for work" not in text
    assert Enrollment.objects.filter(person=person).count() == 2


def test_nothing_is_looked_up_by_address_line(clerk: User, person: Person) -> None:
    """A GET shows the empty form; a typed number does not come back in the page."""
    client = client_of(clerk)
    shown = client.get(f"{reverse('desk:search')}?text={person.id_number}").content.decode()
    assert page_of(person) not in shown
    unknown = builders.id_number()
    assert unknown not in look(client, unknown)


def test_who_looked_is_logged_and_not_the_number(
    clerk: User, person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """F15: user, kind and whom it led to."""
    with caplog.at_level(logging.INFO):
        look(client_of(clerk), person.id_number)
    said = [record.getMessage() for record in caplog.records if record.name == "bureau.desk.search"]
    assert said == [f"look-up by {clerk.username}: ID number found [{person.pk}]"]
    assert person.id_number not in caplog.text


@pytest.mark.parametrize(
    "text", ["", " ", "'; DROP TABLE", "%", "_", "x" * 60, "=1+1", "９" * 18, "450800-2025-999999999-01"]
)
def test_odd_texts_find_nothing(clerk: User, text: str) -> None:
    """Never an error, never everybody."""
    builders.make_person()
    assert "/desk/person/" not in look(client_of(clerk), text)
