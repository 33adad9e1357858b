"""The register: persons and enrolments."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bureau import access
from bureau.identity import IdBirthFuture, IdCheckDigit, IdFormat, to_18
from bureau.models import Region, User
from enrollment.models import EmployeeSpell, Enrollment, Person
from enrollment.services import register
from tests.builders import GUIGANG, id_number, make_person

pytestmark = pytest.mark.django_db
Staff = Callable[..., User]
NOW = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)
DAY = date(2025, 1, 15)


@pytest.fixture
def clerk(staff: Staff) -> User:
    return staff("clerk")


def someone(by: User, **changes: Any) -> Person:
    values: dict[str, Any] = {
        "id_type": "01",
        "id_number": id_number(date(1980, 5, 17), order=21),
        "name": "张三",
        "person_class": "1501",
        "region_id": GUIGANG,
    }
    return register.register_person(by=by, at=NOW, **(values | changes))


def test_the_number_tells_birth_and_sex(clerk: User) -> None:
    person = someone(clerk, name="  欧阳 　娜娜 ")
    assert (person.birth_date, person.gender, person.name) == (date(1980, 5, 17), "1", "欧阳 娜娜")
    assert (person.created_at, person.region_id) == (NOW, GUIGANG)


def test_numbers_are_stored_in_their_normal_form(clerk: User) -> None:
    old = "450802800517021"
    person = someone(clerk, id_number=f" {old} ")
    assert (person.id_number, person.id_alias) == (to_18(old), old)


def test_the_number_is_checked(clerk: User) -> None:
    good = id_number(order=22)
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    with pytest.raises(IdCheckDigit):
        someone(clerk, id_number=wrong)
    with pytest.raises(IdBirthFuture):
        someone(clerk, id_number=id_number(date(2025, 1, 16), order=1))
    with pytest.raises(IdFormat):
        someone(clerk, id_type="02", id_number="军字第123456号", birth_date=DAY)
    assert not Person.objects.exists()


def test_the_same_person_is_registered_once(clerk: User) -> None:
    someone(clerk)
    with pytest.raises(register.PersonExists) as caught:
        someone(clerk, name="李四")
    assert caught.value.code == "PERSON_EXISTS"


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"name": " \u3000"}, register.PersonNameMissing, "PERSON_NAME_MISSING"),
        ({"person_class": "9999"}, register.PersonClassUnknown, "PERSON_CLASS_UNKNOWN"),
        ({"birth_date": date(1980, 5, 18)}, register.BirthDateDiffers, "PERSON_BIRTH_DIFFERS"),
        ({"id_type": "08", "id_number": "E12345678"}, register.BirthDateMissing, "PERSON_BIRTH_MISSING"),
        (
            {"id_type": "08", "id_number": "E12345678", "birth_date": date(2025, 1, 16)},
            register.BirthDateFuture,
            "PERSON_BIRTH_FUTURE",
        ),
    ],
)
def test_what_is_missing_is_named(clerk: User, changes: dict[str, Any], error: type, code: str) -> None:
    with pytest.raises(error) as caught:
        someone(clerk, **changes)
    assert caught.value.code == code
    assert not Person.objects.exists()


def test_a_passport_needs_the_birth_date_beside_it(clerk: User) -> None:
    person = someone(
        clerk, id_type="08", id_number="e12345678", birth_date=date(1990, 1, 2), gender=Person.Gender.FEMALE
    )
    assert (person.id_number, person.birth_date, person.gender) == ("E12345678", date(1990, 1, 2), "2")


def test_the_desk_of_the_region_registers(staff: Staff) -> None:
    someone(staff("supervisor"))
    for role in ("auditor", "sysadmin"):
        with pytest.raises(access.NotAllowed):
            someone(staff(role))
    with pytest.raises(access.OutOfScope):
        someone(staff("clerk", "510100"))


def test_a_region_that_is_gone_takes_nobody(staff: Staff) -> None:
    gone = Region.objects.filter(valid_to__lte=DAY, level=3).order_by("code").first()
    assert gone is not None
    with pytest.raises(register.RegionMissing) as caught:
        someone(staff("clerk", gone.pk), region_id=gone.pk)
    assert caught.value.code == "REGION_MISSING"


# --------------------------------------------------------------------------------------------- enrolments


def enrolled(by: User, person: Person, **changes: Any) -> Enrollment:
    return register.enroll(
        **({"person_id": person.pk, "region_id": GUIGANG, "on": DAY, "by": by, "at": NOW} | changes)
    )


def test_one_live_enrolment_per_person_scheme_and_region(staff: Staff, clerk: User) -> None:
    person = make_person()
    first = enrolled(clerk, person)
    assert (first.state, first.scheme, first.started_on) == ("1", "390", DAY)
    with pytest.raises(register.EnrollmentExists) as caught:
        enrolled(clerk, person)
    assert caught.value.code == "ENROLLMENT_EXISTS"
    assert enrolled(clerk, person, scheme="310").pk != first.pk
    assert enrolled(staff("clerk", "510100"), person, region_id="510100").pk != first.pk


@pytest.mark.parametrize(("stopped", "refused"), [(None, True), (date(2025, 1, 16), True), (DAY, False)])
def test_employee_cover_stops_first(clerk: User, stopped: date | None, refused: bool) -> None:
    person = make_person()
    EmployeeSpell.objects.create(person=person, started_on=date(2020, 3, 1), stopped_on=stopped)
    if refused:
        with pytest.raises(register.EmployeeActive) as caught:
            enrolled(clerk, person)
        assert (caught.value.code, caught.value.params) == ("EMPLOYEE_ACTIVE", {"since": "2020-03-01"})
    assert enrolled(clerk, person, scheme="310" if refused else "390").state == "1"


def test_the_dead_are_not_enrolled(clerk: User) -> None:
    with pytest.raises(register.PersonDead) as caught:
        enrolled(clerk, make_person(death_date=date(2024, 12, 1)))
    assert caught.value.code == "PERSON_DEAD"


def test_an_enrolment_ends_with_a_reason_and_in_history(clerk: User) -> None:
    enrollment = enrolled(clerk, make_person())
    ended = register.end_enrollment(
        enrollment_id=enrollment.pk, on=date(2025, 3, 1), reason=" moved away ", by=clerk, at=NOW
    )
    assert (ended.state, ended.ended_on, ended.reason) == ("4", date(2025, 3, 1), "moved away")
    event = enrollment.events.order_by("-pgh_id").select_related("pgh_context").first()
    assert (event.state, event.pgh_context.metadata["actor"]) == ("4", clerk.username)
    with pytest.raises(register.EnrollmentCannotEnd) as caught:
        register.end_enrollment(enrollment_id=enrollment.pk, on=DAY, reason="again", by=clerk, at=NOW)
    assert (caught.value.code, caught.value.params) == ("ENROLLMENT_ENDED", {"day": "2025-03-01"})
    assert enrolled(clerk, enrollment.person).pk != enrollment.pk


def test_an_end_needs_a_reason_and_a_day_after_the_beginning(staff: Staff, clerk: User) -> None:
    enrollment = enrolled(clerk, make_person())
    with pytest.raises(register.EndReasonMissing) as caught:
        register.end_enrollment(enrollment_id=enrollment.pk, on=DAY, reason=" ", by=clerk, at=NOW)
    assert caught.value.code == "ENROLLMENT_END_REASON"
    with pytest.raises(register.EnrollmentEndsEarly) as early:
        register.end_enrollment(
            enrollment_id=enrollment.pk, on=date(2025, 1, 14), reason="x", by=clerk, at=NOW
        )
    assert early.value.code == "ENROLLMENT_ENDS_BEFORE_START"
    with pytest.raises(access.OutOfScope):
        register.end_enrollment(
            enrollment_id=enrollment.pk, on=DAY, reason="x", by=staff("clerk", "510100"), at=NOW
        )
    enrollment.refresh_from_db()
    assert enrollment.state == "1"
