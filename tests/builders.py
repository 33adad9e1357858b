"""Small builders: the fewest rows that make a case, written the way the product writes them."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from bureau.models import Region, StaffRegion, User
from enrollment.models import Enrollment, Person

GUIGANG = "450800"
_numbers = count(1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(birth: date = date(1980, 5, 17), county: str = "450802", order: int | None = None) -> str:
    """A resident ID number that passes its check digit, different at each call."""
    serial = next(_numbers) if order is None else order
    # A thousand orders a day and county: further ones are of another county (unknown ones pass), never of another day.
    place = int(county) + (10 * (serial // 1000) if order is None else 0)
    body = f"{place}{birth:%Y%m%d}{serial % 1000:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def make_staff(role: str, region: str = GUIGANG, username: str | None = None) -> User:
    """An active member of staff with one role and one region."""
    user = User.objects.create(username=username or f"{role}-{next(_numbers)}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    StaffRegion.objects.create(user=user, region_id=region)
    return user


def make_person(region: str = GUIGANG, **fields: Any) -> Person:
    """A registered adult of ``region``."""
    birth = fields.pop("birth_date", date(1980, 5, 17))
    values: dict[str, Any] = {
        "id_number": id_number(birth),
        "name": "张三",
        "birth_date": birth,
        "person_class": "1501",
        "region": Region.objects.get(pk=region),
        "created_at": datetime(2024, 9, 1, tzinfo=UTC),
    }
    return Person.objects.create(**(values | fields))


def enrol(person: Person, region: str = GUIGANG, **fields: Any) -> Enrollment:
    """A live resident enrolment of ``person``."""
    values: dict[str, Any] = {"person": person, "region_id": region, "started_on": date(2024, 9, 1)}
    return Enrollment.objects.create(**(values | fields))
