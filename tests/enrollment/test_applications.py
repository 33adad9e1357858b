"""Online applications: what is asked of a partner, what one clerk decides once, what the second one is told."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bureau import access, attachments
from bureau.errors import BureauError
from bureau.identity import IdNumberError
from bureau.models import ApiClient, User
from enrollment.models import Change, ChangeKind, EnrolmentApplication, HouseholdMember, Person
from enrollment.services import applications, identities, register
from enrollment.services.applications import Form, Photo
from enrollment.states import APPLICATION_MOVES, ApplicationState
from tests.builders import GUIGANG, enrol, id_number, make_person, make_staff
from tests.bureau.drawings import picture
from tests.bureau.partner_world import make_client

Staff = Callable[..., User]
AT = datetime(2025, 1, 15, 2, 0, tzinfo=UTC)
PHOTOS = (Photo("ID_FRONT", picture(size=(64, 40))), Photo("ID_BACK", picture(size=(64, 40))))


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    """A data directory of the test's own."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def partner(db: None) -> ApiClient:
    """The national app."""
    return make_client()


def filled(**fields: Any) -> Form:
    """An adult with both sides of the card."""
    values: dict[str, Any] = {
        "id_type": "01",
        "id_number": id_number(),
        "name": "张三",
        "person_class": "1501",
        "region_id": GUIGANG,
        "pictures": PHOTOS,
    }
    return Form(**(values | fields))


def hand_in(partner: ApiClient, at: datetime = AT, **fields: Any) -> EnrolmentApplication:
    return applications.submit(client=partner, form=filled(**fields), at=at)


class TestHandingIn:
    """What a partner sends."""

    def test_it_waits_with_its_pictures(self, partner: ApiClient) -> None:
        made = hand_in(partner, name=" 张 三 ", id_number=id_number().lower())
        assert (made.state, made.name, made.birth_date) == ("WAITING", "张 三", date(1980, 5, 17))
        assert [one.kind for one in attachments.of(made)] == ["ID_FRONT", "ID_BACK"]
        assert {one.region_id for one in attachments.of(made)} == {GUIGANG}
        assert not Person.objects.exists()

    @pytest.mark.parametrize(
        ("id_type", "number", "kinds", "enough"),
        [
            ("01", "", (), False),
            ("01", "", ("ID_FRONT",), False),
            ("01", "", ("ID_FRONT", "OTHER"), False),
            ("01", "", ("ID_FRONT", "ID_BACK"), True),
            ("01", "", ("HOUSEHOLD_BOOK",), True),
            ("990201", "T450000123", ("HOUSEHOLD_BOOK",), False),
            ("990201", "T450000123", ("BIRTH_CERTIFICATE",), True),
            ("08", "E12345678", (), False),
            ("08", "E12345678", ("OTHER",), True),
        ],
    )
    def test_the_pictures_that_are_needed(
        self, partner: ApiClient, id_type: str, number: str, kinds: tuple[str, ...], enough: bool
    ) -> None:
        fields: dict[str, Any] = {
            "id_type": id_type,
            "pictures": [Photo(kind, PHOTOS[0].content) for kind in kinds],
        }
        if number:
            fields |= {"id_number": number, "birth_date": date(1990, 1, 1)}
        if enough:
            assert hand_in(partner, **fields).pk
        else:
            with pytest.raises(applications.PicturesMissing):
                hand_in(partner, **fields)
            assert not EnrolmentApplication.objects.exists()

    def test_a_child_names_its_guardian(self, partner: ApiClient) -> None:
        child = id_number(date(2020, 1, 16))
        with pytest.raises(applications.GuardianMissing):
            hand_in(partner, id_number=child, person_class="1402")
        with pytest.raises(applications.GuardianMissing):
            hand_in(partner, id_number=child, person_class="1402", guardian_name="李四")
        with pytest.raises(IdNumberError):
            hand_in(partner, id_number=child, person_class="1402", guardian_name="李四", guardian_number="1")
        made = hand_in(
            partner, id_number=child, person_class="1402", guardian_name="李四", guardian_number=id_number()
        )
        assert made.guardian_name == "李四"

    def test_who_turns_eighteen_today_needs_none(self, partner: ApiClient) -> None:
        assert hand_in(partner, id_number=id_number(date(2007, 1, 15), order=1)).pk
        with pytest.raises(applications.GuardianMissing):
            hand_in(partner, id_number=id_number(date(2007, 1, 16), order=1))

    def test_a_wrong_number_or_birth_is_refused(self, partner: ApiClient) -> None:
        with pytest.raises(identities.BirthDateDiffers):
            hand_in(partner, birth_date=date(1980, 5, 18))
        with pytest.raises(identities.BirthDateMissing):
            hand_in(
                partner, id_type="08", id_number="E12345678", pictures=[Photo("OTHER", PHOTOS[0].content)]
            )
        with pytest.raises(register.PersonClassUnknown):
            hand_in(partner, person_class="9999")

    def test_one_open_application_a_person_and_region(self, partner: ApiClient) -> None:
        number = id_number()
        hand_in(partner, id_number=number)
        with pytest.raises(applications.ApplicationOpen):
            hand_in(make_client(), id_number=number)

    def test_the_partners_own_number_is_used_once(self, partner: ApiClient) -> None:
        hand_in(partner, reference="A-1")
        with pytest.raises(applications.ReferenceUsed):
            hand_in(partner, reference="A-1")
        assert hand_in(make_client(), reference="A-1").reference == "A-1"

    def test_a_bad_picture_leaves_no_application(self, partner: ApiClient) -> None:
        with pytest.raises(BureauError):
            hand_in(partner, pictures=[*PHOTOS, Photo("OTHER", b"GIF89a")])
        assert not EnrolmentApplication.objects.exists()


class TestDeciding:
    """One clerk, once."""

    def test_accepting_registers_enrols_and_opens_a_household(self, partner: ApiClient, staff: Staff) -> None:
        clerk = staff("clerk")
        made = hand_in(partner, relation="HEAD", town="港城街道", village="南江社区", phone="13900000000")
        done = applications.accept(application_id=made.pk, by=clerk, at=AT)
        assert (done.known, done.person.name, done.person.phone) == (False, "张三", "13900000000")
        assert (done.enrollment.region_id, done.enrollment.started_on) == (GUIGANG, date(2025, 1, 15))
        assert done.household is not None
        assert done.household.village == "南江社区"
        made.refresh_from_db()
        assert (made.state, made.person, made.decided_by) == ("ACCEPTED", done.person, clerk)
        kinds = set(Change.objects.filter(person=done.person).values_list("kind", flat=True))
        assert {ChangeKind.REGISTERED, ChangeKind.ENROLLED} <= kinds

    def test_a_child_joins_the_head_it_names(self, partner: ApiClient, staff: Staff) -> None:
        clerk = staff("clerk")
        parent = applications.accept(application_id=hand_in(partner, relation="HEAD").pk, by=clerk, at=AT)
        child = hand_in(
            partner,
            id_number=id_number(date(2020, 1, 16)),
            name="张小三",
            person_class="1402",
            relation="CHILD",
            head_number=parent.person.id_number,
            guardian_name="张三",
            guardian_number=parent.person.id_number,
        )
        done = applications.accept(application_id=child.pk, by=clerk, at=AT)
        member = HouseholdMember.objects.get(person=done.person)
        assert (member.household, member.relation, member.guardian) == (
            parent.household,
            "CHILD",
            parent.person,
        )

    def test_an_unknown_head_leaves_the_household_open(self, partner: ApiClient, staff: Staff) -> None:
        made = hand_in(partner, relation="CHILD", head_number=id_number())
        assert applications.accept(application_id=made.pk, by=staff("clerk"), at=AT).household is None

    def test_who_is_known_is_enrolled_only(self, partner: ApiClient, staff: Staff) -> None:
        person = make_person("110000")
        made = hand_in(partner, id_number=person.id_number)
        done = applications.accept(application_id=made.pk, by=staff("clerk"), at=AT)
        assert (done.known, done.person) == (True, person)

    def test_another_name_is_refused(self, partner: ApiClient, staff: Staff) -> None:
        person = make_person(name="李四")
        made = hand_in(partner, id_number=person.id_number)
        with pytest.raises(applications.NameDiffers):
            applications.accept(application_id=made.pk, by=staff("clerk"), at=AT)

    def test_who_is_enrolled_here_is_refused(self, partner: ApiClient, staff: Staff) -> None:
        person = make_person()
        enrol(person)
        made = hand_in(partner, id_number=person.id_number)
        with pytest.raises(register.EnrollmentExists):
            applications.accept(application_id=made.pk, by=staff("clerk"), at=AT)
        made.refresh_from_db()
        assert (made.state, made.decided_by) == ("WAITING", None)

    def test_a_twin_must_be_confirmed(self, partner: ApiClient, staff: Staff) -> None:
        make_person()
        made, clerk = hand_in(partner), staff("clerk")
        with pytest.raises(identities.PersonTwin):
            applications.accept(application_id=made.pk, by=clerk, at=AT)
        assert applications.accept(application_id=made.pk, by=clerk, at=AT, confirm_twin=True).person.pk

    @pytest.mark.parametrize("for_good", [False, True])
    def test_sending_back_needs_a_reason(self, partner: ApiClient, staff: Staff, for_good: bool) -> None:
        made, clerk = hand_in(partner), staff("clerk")
        with pytest.raises(applications.ReasonNeeded):
            applications.send_back(application_id=made.pk, reason=" \n", by=clerk, at=AT, for_good=for_good)
        done = applications.send_back(
            application_id=made.pk, reason="看 不清", by=clerk, at=AT, for_good=for_good
        )
        assert (done.state, done.reason) == ("REJECTED" if for_good else "RETURNED", "看 不清")

    def test_deciding_twice(self, partner: ApiClient, staff: Staff) -> None:
        """The second click, by whomever, changes nothing and is told who was first."""
        made, first, second = hand_in(partner), staff("clerk"), staff("clerk")
        applications.accept(application_id=made.pk, by=first, at=AT)
        for by in (first, second):
            with pytest.raises(applications.ApplicationDecided) as caught:
                applications.send_back(application_id=made.pk, reason="x", by=by, at=AT)
            assert caught.value.params["who"] == first.username

    def test_what_is_in_hand_is_not_anothers(self, partner: ApiClient, staff: Staff) -> None:
        made, holder, other = hand_in(partner), staff("clerk"), staff("clerk")
        assert applications.take_next(by=holder, at=AT) == made
        assert applications.take_next(by=other, at=AT) is None
        for call in (applications.take, applications.accept, applications.give_back):
            with pytest.raises(applications.ApplicationTaken) as caught:
                call(application_id=made.pk, by=other, at=AT)
            assert caught.value.params["who"] == holder.username
        applications.give_back(application_id=made.pk, by=staff("supervisor"), at=AT)
        assert applications.take(application_id=made.pk, by=other, at=AT).taken_by == other

    def test_the_oldest_comes_first(self, partner: ApiClient, staff: Staff) -> None:
        late, early = hand_in(partner), hand_in(partner, at=AT - timedelta(days=1))
        clerk = staff("clerk")
        assert applications.take_next(by=clerk, at=AT) == early
        assert applications.take_next(by=clerk, at=AT) == late

    def test_rights_and_regions(self, partner: ApiClient, staff: Staff) -> None:
        made = hand_in(partner)
        with pytest.raises(access.OutOfScope):
            applications.accept(application_id=made.pk, by=staff("clerk", "110000"), at=AT)
        with pytest.raises(access.NotAllowed):
            applications.take(application_id=made.pk, by=staff("auditor"), at=AT)
        assert applications.take_next(by=staff("clerk", "110000"), at=AT) is None
        with pytest.raises(applications.ApplicationUnknown):
            applications.take(application_id=0, by=staff("clerk"), at=AT)


class TestAgain:
    """A returned application comes back."""

    def test_it_goes_to_the_end_of_the_queue(self, partner: ApiClient, staff: Staff) -> None:
        form = filled(name="张二")
        made = applications.submit(client=partner, form=form, at=AT)
        clerk = staff("clerk")
        applications.send_back(application_id=made.pk, reason="姓名不符", by=clerk, at=AT)
        later = AT + timedelta(days=2)
        again = applications.resubmit(
            client=partner, number=made.number, form=replace(form, name="张三", pictures=()), at=later
        )
        assert (again.pk, again.state, again.round, again.name) == (made.pk, "WAITING", 2, "张三")
        assert (again.submitted_at, again.reason, again.decided_by) == (later, "姓名不符", None)
        assert attachments.of(again).count() == 2
        assert applications.accept(application_id=again.pk, by=clerk, at=later).person.name == "张三"

    def test_what_was_not_returned_stays(self, partner: ApiClient, staff: Staff) -> None:
        form = filled()
        made = applications.submit(client=partner, form=form, at=AT)
        with pytest.raises(applications.NotReturned):
            applications.resubmit(client=partner, number=made.number, form=form, at=AT)
        applications.send_back(application_id=made.pk, reason="x", by=staff("clerk"), at=AT)
        with pytest.raises(applications.ApplicationUnknown):
            applications.resubmit(client=make_client(), number=made.number, form=form, at=AT)
        with pytest.raises(applications.OtherPerson):
            applications.resubmit(client=partner, number=made.number, form=filled(), at=AT)
        with pytest.raises(applications.ApplicationUnknown):
            applications.of_client(client=make_client(), number=made.number)


def test_findings(partner: ApiClient, staff: Staff) -> None:
    """The register beside the form, as far as the clerk's regions go."""
    clerk = staff("clerk")
    nobody = applications.findings(application=hand_in(partner, name="无名"), by=clerk)
    assert (nobody.same_number, nobody.twins, nobody.enrollments, nobody.others) == (None, [], [], [])
    person, twin, stranger = make_person(), make_person(), make_person("110000")
    enrol(person, "110000")
    first = hand_in(partner, id_number=person.id_number)
    applications.send_back(application_id=first.pk, reason="x", by=clerk, at=AT)
    found = applications.findings(application=hand_in(partner, id_number=person.id_number), by=clerk)
    assert (found.same_number, found.name_agrees) == (person, True)
    assert stranger not in found.twins
    assert found.twins == [twin]
    assert [one.region_id for one in found.enrollments] == ["110000"]
    assert found.others == [first]


@pytest.mark.parametrize("old", list(ApplicationState))
@pytest.mark.parametrize("new", list(ApplicationState))
def test_the_database_knows_the_moves(
    partner: ApiClient, staff: Staff, old: ApplicationState, new: ApplicationState
) -> None:
    made, clerk = hand_in(partner), staff("clerk")
    if old == ApplicationState.TAKEN:
        applications.take(application_id=made.pk, by=clerk, at=AT)
    elif old == ApplicationState.ACCEPTED:
        applications.accept(application_id=made.pk, by=clerk, at=AT)
    elif old != ApplicationState.WAITING:
        applications.send_back(
            application_id=made.pk, reason="x", by=clerk, at=AT, for_good=old == ApplicationState.REJECTED
        )
    if old == new:
        return
    try:
        with transaction.atomic():
            EnrolmentApplication.objects.filter(pk=made.pk).update(state=new.value)
    except IntegrityError:
        allowed = True  # the move was allowed; its evidence was not given
    except DatabaseError as error:
        allowed = "cannot become" not in str(error)
    else:
        allowed = True
    assert allowed == (new in APPLICATION_MOVES[old])


def test_two_clerks_at_once(committed: None) -> None:
    """Both press Accept: one person, one enrolment, and the slower one learns who was faster."""
    from_partner = make_client()
    made = applications.submit(client=from_partner, form=filled(), at=AT)
    clerks = [make_staff("clerk"), make_staff("clerk")]
    told: list[Any] = []
    barrier = threading.Barrier(2)

    def decide(by: User) -> None:
        try:
            barrier.wait()
            told.append(applications.accept(application_id=made.pk, by=by, at=AT))
        except applications.ApplicationDecided as error:
            told.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(clerk,)) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in told if isinstance(one, applications.Accepted)]
    (loser,) = [one for one in told if isinstance(one, applications.ApplicationDecided)]
    assert loser.params["who"] == winner.application.decided_by.username
    assert Person.objects.count() == 1
