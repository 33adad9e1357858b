"""What the register's changes mean for money, pulled once and in order."""

from datetime import UTC, date, datetime
from decimal import Decimal
from time import monotonic, sleep

import pytest

from bureau import proposals
from enrollment.models import Change, ChangeKind, Coverage, Person, PersonCategory
from enrollment.services import changes, corrections, life, register
from payments.models import AidDifference, Assessment, Receivable, RegisterMark
from payments.services import registerchanges
from payments.services.registerchanges import Pulled
from tests import builders
from tests.builders import GUIGANG
from tests.enrollment import listkit
from tests.payments import bookbuilders

AT = datetime(2025, 1, 20, 2, 0, tzinfo=UTC)
DAY = date(2025, 1, 20)
NOTHING = Pulled()


def act(mark: int = 0) -> Pulled:
    """What the changes after number ``mark`` mean; the mark of a pull needs commits, see the last tests."""
    rows = list(Change.objects.filter(pk__gt=mark).order_by("id"))
    return registerchanges.act(rows, on=DAY, at=AT)


def wait_for(number: int) -> None:
    """Until so many changes can be pulled: writers in other databases of the server hold them back as well."""
    deadline = monotonic() + 60
    while len(changes.after(changes.START)) < number and monotonic() < deadline:
        sleep(0.05)


def tell(kind: ChangeKind, person: Person) -> Change:
    """A change as whoever made it writes it."""
    return changes.record(kind=kind, person_id=person.pk, region_id=GUIGANG, on=DAY, by=None, at=AT)


def listed(person: Person, category: str = "DIBAO") -> None:
    """Recognised today, as a list tells it."""
    PersonCategory.objects.create(person=person, category=category, valid_from=DAY)
    tell(ChangeKind.CATEGORY_BEGAN, person)


@pytest.mark.django_db
def test_who_enrols_owes_the_open_year() -> None:
    clerk = builders.make_staff("clerk")
    builders.enrol(builders.make_person())  # enrolled before, not assessed: not this pull's business
    person = builders.make_person(name="李四")
    register.enroll(person_id=person.pk, region_id=GUIGANG, on=DAY, by=clerk, at=AT)
    assert act() == Pulled(changes=1, assessed=1)
    due = Receivable.objects.get()
    assert (due.person, due.benefit_year, due.region_id, due.amount) == (
        person,
        2025,
        GUIGANG,
        bookbuilders.PRICE,
    )
    assert act() == Pulled(changes=1)


@pytest.mark.django_db
def test_who_comes_with_a_list_owes_the_open_year_as_well() -> None:
    clerk = builders.make_staff("clerk")
    file = listkit.receive(listkit.xlsx([listkit.row(builders.id_number())]), by=clerk)
    listkit.apply(file, by=clerk)
    assert act() == Pulled(changes=1, assessed=1)
    assert Receivable.objects.get().amount == bookbuilders.PRICE


@pytest.mark.django_db
def test_a_resumed_enrolment_owes_again_and_a_suspended_one_is_left_alone() -> None:
    clerk = builders.make_staff("clerk")
    enrolment = builders.enrol(builders.make_person())
    life.suspend(enrollment_id=enrolment.pk, on=DAY, reason="away", by=clerk, at=AT)
    assert act() == Pulled(changes=1)
    life.resume(enrollment_id=enrolment.pk, on=DAY, reason="back", by=clerk, at=AT)
    assert act() == Pulled(changes=2, assessed=1)


@pytest.mark.django_db
def test_recognised_before_paying_is_another_amount() -> None:
    due = bookbuilders.assess()
    listed(due.person)
    assert act() == Pulled(changes=1, reassessed=1)
    later = Assessment.objects.get(receivable=due)
    assert (later.aid_category, later.amount) == ("DIBAO", Decimal("160.00"))
    assert not AidDifference.objects.exists()


@pytest.mark.django_db
def test_recognised_after_paying_is_a_candidate_for_a_refund() -> None:
    due = bookbuilders.assess()
    payment = bookbuilders.pay_at_counter(due, "C-77")
    listed(due.person, "TEKUN")
    assert act() == Pulled(changes=1, differences=1)
    found = AidDifference.objects.get()
    assert (found.payment_id, found.receivable_id, found.category, found.amount, found.listed_on) == (
        payment.pk,
        due.pk,
        "TEKUN",
        Decimal("400.00"),
        DAY,
    )
    assert act() == Pulled(changes=1)
    assert not Assessment.objects.filter(receivable=due).exists()


@pytest.mark.django_db
def test_full_aid_before_paying_covers_at_once() -> None:
    due = bookbuilders.assess()
    listed(due.person, "TEKUN")
    assert act().reassessed == 1
    assert Assessment.objects.get(receivable=due).amount == 0
    assert Coverage.objects.get(person=due.person).reason == "EXEMPT"


@pytest.mark.django_db
def test_a_death_leaves_the_receivable_and_nothing_else() -> None:
    due = bookbuilders.assess()
    clerk = builders.make_staff("clerk")
    life.declare_death(person_id=due.person_id, died_on=DAY, reason="certificate", by=clerk, at=AT)
    assert act() == Pulled(changes=1)
    assert Receivable.objects.with_state().get().state == "ASSESSED"


@pytest.mark.django_db
def test_a_corrected_class_is_priced_anew() -> None:
    """Guigang has one price for all: nothing moves, and nothing breaks."""
    due = bookbuilders.assess()
    case = corrections.propose(
        person_id=due.person_id,
        version=0,
        values={"person_class": "1404"},
        reason="student",
        document="card",
        by=builders.make_staff("clerk"),
        at=AT,
    )
    proposals.review(
        proposal_id=case.pk, approve=True, reason="", by=builders.make_staff("supervisor"), at=AT
    )
    assert act() == Pulled(changes=1)


@pytest.mark.django_db
def test_regions_without_terms_are_passed_over() -> None:
    person = builders.make_person("820000")
    builders.enrol(person, "820000")
    tell(ChangeKind.ENROLLED, person)
    assert act() == Pulled(changes=1)


@pytest.mark.usefixtures("committed")
def test_each_change_is_taken_once_in_portions() -> None:
    """The mark moves with what was done; portions meet no end twice."""
    clerk = builders.make_staff("clerk")
    for _nth in range(3):
        person = builders.make_person()
        register.enroll(person_id=person.pk, region_id=GUIGANG, on=DAY, by=clerk, at=AT)
    wait_for(3)
    taken = [registerchanges.pull(at=AT, most=2) for _nth in range(3)]
    assert taken == [Pulled(2, 2), Pulled(1, 1), NOTHING]
    last = Change.objects.order_by("xid", "id").last()
    assert last is not None
    mark = RegisterMark.objects.get(name=registerchanges.NAME)
    assert (mark.xid, mark.number) == (last.xid, last.pk)
    assert Receivable.objects.count() == 3


@pytest.mark.usefixtures("committed")
def test_a_failing_pull_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark stays where it was; the next pull does all of it."""
    person = builders.make_person()
    register.enroll(person_id=person.pk, region_id=GUIGANG, on=DAY, by=builders.make_staff("clerk"), at=AT)

    wait_for(1)

    def fail(*_rows: object) -> None:
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as patch:
        patch.setattr(changes, "mark_of", fail)
        with pytest.raises(RuntimeError):
            registerchanges.pull(at=AT)
    assert not Receivable.objects.exists()
    assert registerchanges.pull(at=AT) == Pulled(1, 1)
