"""Calls about enrolment: applications to the end, entitlement, and what a payment on a day would bring."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bureau.models import ApiAnswer
from enrollment.models import EnrolmentApplication
from enrollment.services import applications
from tests.builders import GUIGANG, enrol, id_number, make_person, make_staff
from tests.bureau.partner_world import APPLICATIONS, Caller, make_caller
from tests.enrollment.forms import form, photo

pytestmark = pytest.mark.django_db
AT = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def caller() -> Caller:
    """The national app."""
    return make_caller()


class TestApplications:
    """From the app to the clerk and back."""

    def test_handed_in_returned_and_again(self, caller: Caller) -> None:
        sent = form(reference="A-1", household={"relation": "HEAD", "village": "南江社区"})
        answer = caller.post(APPLICATIONS, sent)
        body = answer.json()
        assert (answer.status_code, body["status"], body["reference"]) == (201, "WAITING", "A-1")
        made, clerk = EnrolmentApplication.objects.get(), make_staff("clerk")
        where = answer.headers["Location"]
        applications.take(application_id=made.pk, by=clerk, at=AT)
        assert caller.get(where).json()["status"] == "WAITING"
        applications.send_back(application_id=made.pk, reason="照片不清", by=clerk, at=AT)
        told = caller.get(where).json()
        assert (told["status"], told["reason"]) == ("RETURNED", "照片不清")
        again = caller.post(f"{where}/resubmission", sent | {"pictures": [photo("HOUSEHOLD_BOOK")]})
        assert (again.status_code, again.json()["status"], again.json()["reason"]) == (200, "WAITING", "")
        applications.accept(application_id=made.pk, by=clerk, at=AT)
        assert caller.get(where).json()["status"] == "ACCEPTED"
        twice = caller.post(f"{where}/resubmission", sent)
        assert (twice.status_code, twice.json()["code"]) == (409, "APPLICATION_NOT_RETURNED")

    @pytest.mark.parametrize(
        ("fields", "status", "code", "pointer"),
        [
            ({"id_number": "450802199008150014"}, 422, "id_check_digit", "/id_number"),
            ({"id_number": "abc"}, 422, "id_length", "/id_number"),
            ({"birth_date": "1980-05-18"}, 422, "PERSON_BIRTH_DIFFERS", "/birth_date"),
            ({"id_type": "08", "id_number": "E12345678"}, 422, "PERSON_BIRTH_MISSING", "/birth_date"),
            ({"id_number": id_number(date(2024, 12, 1), order=7)}, 422, "APPLICATION_GUARDIAN", "/guardian"),
            ({"pictures": [photo("ID_FRONT")]}, 422, "APPLICATION_PICTURES", "/pictures"),
            ({"pictures": [photo("HOUSEHOLD_BOOK", b"GIF89a")]}, 422, "FILE_TYPE_UNKNOWN", "/pictures"),
            ({"pictures": [photo("HOUSEHOLD_BOOK", b"\xff\xd8\xff0")]}, 422, "PICTURE_DAMAGED", "/pictures"),
        ],
    )
    def test_what_is_told_about_the_content(
        self, caller: Caller, fields: dict[str, Any], status: int, code: str, pointer: str
    ) -> None:
        response = caller.post(APPLICATIONS, form(**fields))
        body = response.json()
        assert (response.status_code, body["code"], body["errors"][0]["pointer"]) == (status, code, pointer)
        assert body["message"]["zh"] != body["message"]["en"]
        assert not EnrolmentApplication.objects.exists()

    def test_a_second_one_while_the_first_waits(self, caller: Caller) -> None:
        sent = form()
        caller.post(APPLICATIONS, sent)
        response = caller.post(APPLICATIONS, sent)
        assert (response.status_code, response.json()["code"]) == (409, "APPLICATION_OPEN")

    def test_no_number_of_a_person_in_stored_answers(self, caller: Caller) -> None:
        """I24: what is kept for repetition tells nothing."""
        sent = form()
        caller.post(APPLICATIONS, sent)
        assert sent["id_number"] not in ApiAnswer.objects.get().body


class TestQuestions:
    """Entitlement and quotes."""

    def ask(self, caller: Caller, call: str, person: Any, **more: Any) -> Any:
        who = {"id_type": person.id_type, "id_number": person.id_number, "name": person.name}
        return caller.post(f"/api/v1/{call}", who | more, "")

    def test_entitlement(self, caller: Caller) -> None:
        person = make_person()
        enrol(person)
        body = self.ask(caller, "entitlements", person, on="2025-03-01").json()
        assert (body["covered"], body["standing"], body["start"]) == (False, "NOT_PAID", None)
        assert body["explain"]["zh"]
        assert body["explain"]["en"].isascii()

    def test_a_quote(self, caller: Caller) -> None:
        person = make_person()
        enrol(person)
        body = self.ask(caller, "quotes", person, benefit_year=2025, pay_date="2025-01-10").json()
        assert (body["amount"], body["total"], body["start"]) == ("400.00", "400.00", "2025-01-01")
        assert body["repairs"][0] == {"years": 0, "cost": "0.00", "start": "2025-01-01", "wait_months": 0}
        assert person.id_number not in str(body)

    def test_repairing_too_much_is_told(self, caller: Caller) -> None:
        person = make_person()
        enrol(person)
        response = self.ask(
            caller, "quotes", person, benefit_year=2025, pay_date="2025-01-10", repair_years=9
        )
        assert (response.status_code, response.json()["code"]) == (422, "REPAIR_TOO_MUCH")

    def test_a_year_without_a_policy(self, caller: Caller) -> None:
        person = make_person()
        response = self.ask(caller, "quotes", person, benefit_year=2199, pay_date="2199-01-10")
        assert response.status_code == 409

    def test_who_is_asked_about_must_be_known_by_name(self, caller: Caller) -> None:
        """A number cannot be probed: unknown, of another name, of another region get one answer."""
        person, stranger = make_person(), make_person("110000")
        wrong = make_person(name="李四")
        wrong.name = "王五"
        nobody = make_person()
        nobody.id_number = id_number()
        answers = [
            self.ask(caller, "entitlements", who, on="2025-03-01") for who in (stranger, wrong, nobody)
        ]
        assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "PERSON_UNKNOWN")}
        assert len({one.content for one in answers}) == 1
        assert self.ask(caller, "entitlements", person, on="2025-03-01").status_code == 200
        enrol(stranger, GUIGANG)
        assert self.ask(caller, "entitlements", stranger, on="2025-03-01").status_code == 200
