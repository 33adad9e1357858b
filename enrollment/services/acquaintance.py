"""Whom a partner may ask about: who has the number, bears the name, and belongs to one of the partner's regions."""

from collections.abc import Collection
from datetime import date

from bureau.names import fold_name
from enrollment.models import Enrollment, Person
from enrollment.services import identities


def find(*, id_type: str, id_number: str, name: str, regions: Collection[str], today: date) -> Person | None:
    """The person of number and name, if registered or enrolled in one of ``regions``.

    A wrong name, a stranger's region and an unknown number get the same answer, None: who is registered is not for
    everybody to find out. Raises IdNumberError.
    """
    number = identities.check_number(id_type, id_number, today=today)
    person = identities.found_by_number(id_type, number)
    if person is None or fold_name(person.name) != fold_name(name):
        return None
    if person.region_id in regions:
        return person
    return person if Enrollment.objects.filter(person=person, region_id__in=regions).exists() else None
