"""Lists of registrations: read, previewed, confirmed, applied, imported twice, taken back."""

from collections.abc import Callable

import pytest

from bureau.models import User
from enrollment.models import Change, Enrollment, HouseholdMember, ListFile, Person
from enrollment.states import ListState
from tests import builders
from tests.enrollment import listkit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(staff: Callable[..., User]) -> User:
    return staff("clerk")


def test_good_rows_are_registered_and_a_second_import_changes_nothing(clerk: User) -> None:
    head, wife = builders.id_number(), builders.id_number()
    content = listkit.xlsx(
        [
            listkit.row(wife, "王芳", 户主证件号码=head, 与户主关系="配偶", 手机号码="13800000001"),
            listkit.row(head, "张三", 与户主关系="户主", 镇街="港城街道", 村居="城西村", 住址="一号"),
        ]
    )
    file = listkit.receive(content, by=clerk)
    assert (file.state, file.rows, file.tallies) == (ListState.READ, 2, {"NEW": 2, "SAME": 0})
    assert not Person.objects.filter(id_number=head).exists()
    file = listkit.apply(file, by=clerk)
    assert file.state == ListState.APPLIED
    husband, spouse = Person.objects.get(id_number=head), Person.objects.get(id_number=wife)
    assert (husband.name, husband.initials, husband.gender, spouse.phone) == (
        "张三",
        "zs",
        husband.gender,
        "13800000001",
    )
    assert {one.region_id for one in Enrollment.objects.filter(person__in=[husband, spouse])} == {
        builders.GUIGANG
    }
    members = HouseholdMember.objects.filter(person__in=[husband, spouse]).order_by("person_id")
    assert sorted((m.person_id, m.relation) for m in members) == sorted(
        [(husband.pk, "HEAD"), (spouse.pk, "SPOUSE")]
    )
    assert len({m.household_id for m in members}) == 1
    kinds = Change.objects.filter(person=husband).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["REGISTERED", "ENROLLED"]

    again = listkit.receive(content, by=clerk)
    assert again.tallies == {"SAME": 2}
    before = Change.objects.count()
    assert listkit.apply(again, by=clerk).state == ListState.APPLIED
    assert Change.objects.count() == before


def test_fields_of_known_people_are_brought_up_to_date_and_undone(clerk: User) -> None:
    person = builders.make_person(name="李四", phone="13800000000")
    builders.enrol(person)
    file = listkit.receive(
        listkit.xlsx([listkit.row(person.id_number, 人员类别="老年居民", 手机号码=13900000000)]), by=clerk
    )
    assert listkit.found(file) == [(2, "UPDATED", "CHANGED")]
    file = listkit.apply(file, by=clerk)
    person.refresh_from_db()
    assert (person.phone, person.person_class, person.version) == ("13900000000", "1601", 1)
    assert Change.objects.get(person=person).details["person_class"] == ["1501", "1601"]
    ListFile.objects.get(pk=file.pk)
