"""The counter's pages: checked and shown first, saved once, refused in words at the field, nothing overwritten."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bureau import clock
from bureau.models import Proposal, User
from enrollment.models import Change, Coverage, Enrollment, FormReceipt, Household, HouseholdMember, Person
from payments.models import Receivable
from tests import builders
from tests.builders import GUIGANG
from tests.payments import bookbuilders

pytestmark = pytest.mark.django_db
TODAY = date(2025, 1, 20)
XSS = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _on_a_day_of_2025(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guigang's terms of 2025 are in force; the pages read the clock."""
    monkeypatch.setattr(clock, "now", lambda: bookbuilders.AT)
    monkeypatch.setattr(clock, "today", lambda: TODAY)


@pytest.fixture
def clerk() -> User:
    return builders.make_staff("clerk")


@pytest.fixture
def desk(clerk: User) -> Client:
    return _client(clerk)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row(nth: int, **values: str) -> dict[str, str]:
    """A row of the family as the browser sends it."""
    full = {
        "relation": "CHILD",
        "id_type": "01",
        "id_number": "",
        "name": "",
        "birth_date": "",
        "gender": "",
        "person_class": "",
    }
    return {f"m{nth}-{key}": value for key, value in (full | values).items()}


def family(**more: str) -> dict[str, str]:
    """A couple with a newborn."""
    return {
        "region": GUIGANG,
        "village": "北社区",
        "phone": "13800000000",
        **row(0, relation="HEAD", id_number=builders.id_number(date(1985, 5, 17)), name="张三"),
        **row(1, relation="SPOUSE", id_number=builders.id_number(date(1986, 3, 2)), name="李四"),
        **row(
            2, id_type="990201", id_number="T450000001", name="张小宝", birth_date="2025-01-10", gender="2"
        ),
        **more,
    }


def send(client: Client, address: str, data: dict[str, Any], token: str = "") -> Any:
    """Check, then save what was shown."""
    data = data | {"form_token": token or str(uuid4())}
    checked = client.post(address, data)
    if checked.status_code != 200 or not checked.context["seen"]:
        return checked
    # A browser sends an empty text for a file that was not chosen.
    return client.post(address, data | {"seen": checked.context["seen"], "document_file": ""})


def text(response: Any) -> str:
    """What a person reads."""
    return re.sub(r"(?s)<[^>]*>", " ", response.content.decode())


# ------------------------------------------------------------------------------------------------ the family


def test_a_family_is_shown_before_it_is_saved(desk: Client) -> None:
    """What each owes, and from when they are covered if they pay today; nothing is written yet."""
    response = desk.post(reverse("desk:family"), family())
    told = text(response)
    assert told.count("400.00") == 3
    assert "如今天缴费" in told
    assert "保存后的变动" in told
    assert not Person.objects.exists()
    assert not Change.objects.exists()
    assert not Receivable.objects.exists()


def test_a_family_is_registered(desk: Client, clerk: User) -> None:
    response = send(desk, reverse("desk:family"), family())
    home = Household.objects.get()
    assert response.headers["Location"] == reverse("desk:household", args=[home.pk])
    father, mother, baby = Person.objects.order_by("id")
    assert (father.person_class, mother.gender, baby.person_class) == (
        "1501",
        "2" if int(mother.id_number[16]) % 2 == 0 else "1",
        "1401",
    )
    assert (father.phone, baby.birth_date, home.payer) == ("13800000000", date(2025, 1, 10), father)
    assert HouseholdMember.objects.get(person=baby).guardian == father
    assert Enrollment.objects.filter(state="1", started_on=TODAY).count() == 3
    assert {change.made_by for change in Change.objects.all()} == {clerk}
    assert "已登记并参保" in text(desk.get(response.headers["Location"]))


def test_sent_twice_is_one_family(desk: Client) -> None:
    """F10: a double click, the back button: one effect, and the second shows the first result."""
    address = reverse("desk:family")
    data = family() | {"form_token": str(uuid4())}
    data["seen"] = desk.post(address, data).context["seen"]
    first, again = desk.post(address, data), desk.post(address, data)
    assert again.headers["Location"] == first.headers["Location"]
    assert (Household.objects.count(), Person.objects.count(), FormReceipt.objects.count()) == (1, 3, 1)
    assert "此前已保存" in text(desk.get(again.headers["Location"]))


def test_what_was_not_shown_is_not_saved(desk: Client) -> None:
    """Somebody types on after the check: it is checked again."""
    address, data = reverse("desk:family"), family()
    seen = desk.post(address, data).context["seen"]
    response = desk.post(address, data | {"village": "南社区", "seen": seen})
    assert response.status_code == 200
    assert response.context["seen"] != seen
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("row_values", "field", "said"),
    [
        ({"id_number": "450802198505170012"}, "id_number", "校验"),
        ({"id_number": "45080219850517"}, "id_number", "18"),
        ({"name": " "}, "name", "必填"),
        ({"name": "张\u202e三"}, "name", "不可见字符"),
        ({"name": "张" * 100}, "name", "80"),
        ({"birth_date": "1985-05-18"}, "birth_date", "出生日期"),
        ({"birth_date": "1985-13-45"}, "birth_date", "有效"),
        ({"id_type": "08", "id_number": "E12345678"}, "birth_date", "出生日期"),
        ({"id_type": "990201", "id_number": "T1", "birth_date": "2025-01-10"}, "id_number", "证件"),
        ({"id_number": "9" * 400}, "id_number", "40"),
    ],
)
def test_errors_stand_at_their_field(desk: Client, row_values: dict[str, str], field: str, said: str) -> None:
    """In Chinese, in the row, and nothing is saved (F09 for numbers of four hundred places)."""
    data = family() | {f"m0-{key}": value for key, value in row_values.items()}
    response = desk.post(reverse("desk:family"), data)
    errors = response.context["form"].rows[0].errors
    assert list(errors) == [field]
    assert said in errors[field][0]
    assert not Person.objects.exists()


def test_a_known_number_says_where(desk: Client) -> None:
    known = builders.make_person(name="王五")
    data = family() | row(1, relation="SPOUSE", id_number=known.id_number, name="李四")
    response = desk.post(reverse("desk:family"), data)
    assert "王五" in response.context["form"].rows[1].errors["name"][0]
    stranger = builders.make_person("510100", name="赵六")
    data = family() | row(1, relation="SPOUSE", id_number=stranger.id_number, name="赵六")
    response = desk.post(reverse("desk:family"), data)
    errors = response.context["form"].rows[1].errors["id_number"]
    assert errors == ["该证件号码已登记。"]
    assert "赵六" not in str(errors)


def test_a_twin_is_confirmed(desk: Client) -> None:
    builders.make_person(name="张三", birth_date=date(1985, 5, 17))
    data = family()
    response = desk.post(reverse("desk:family"), data)
    assert "请勾选确认" in response.context["form"].rows[0].errors["name"][0]
    assert "confirm_twin" in response.content.decode()
    assert send(desk, reverse("desk:family"), data | {"confirm_twin": "1"}).status_code == 302


def test_known_members_are_taken_over(desk: Client) -> None:
    mother = builders.make_person(name="李四")
    data = family() | row(1, relation="SPOUSE", id_number=mother.id_number, name="李四")
    assert "李四已在登记库中" in text(desk.post(reverse("desk:family"), data))
    send(desk, reverse("desk:family"), data)
    assert HouseholdMember.objects.filter(person=mother).exists()
    assert Person.objects.count() == 3


def test_two_heads_or_none(desk: Client) -> None:
    response = desk.post(reverse("desk:family"), family() | {"m1-relation": "HEAD"})
    assert "一户只能有一名户主" in text(response)
    response = desk.post(reverse("desk:family"), family() | {"m0-relation": "SPOUSE"})
    assert "请先变更户主" in text(response)
    assert "请至少填写一名成员" in text(desk.post(reverse("desk:family"), {"region": GUIGANG}))
    assert not Person.objects.exists()


def test_markup_in_names_is_text(desk: Client) -> None:
    """F13: in the preview, on the household's page, in the message."""
    data = family() | {"m1-name": XSS, "village": XSS[:20]}
    assert XSS not in desk.post(reverse("desk:family"), data).content.decode()
    response = send(desk, reverse("desk:family"), data)
    page = desk.get(response.headers["Location"]).content.decode()
    assert XSS not in page
    assert "&lt;script&gt;" in page


def test_a_region_of_others_is_no_choice(desk: Client) -> None:
    """F03, F04: a region that is not on offer is refused by the form."""
    response = desk.post(reverse("desk:family"), family(region="510000"))
    assert response.context["form"].place.errors.keys() == {"region"}
    assert not Person.objects.exists()


def test_a_session_that_ended_saves_nothing_and_says_so(clerk: User) -> None:
    """F11: the log-in page tells that what was typed was not saved."""
    client = Client()
    response = client.post(reverse("desk:family"), family(), follow=True)
    assert "未保存" in text(response)
    assert not Person.objects.exists()


def test_odd_tokens_and_unreadable_input(desk: Client) -> None:
    """F01: a made-up form number is replaced by a real one; NUL is refused in words."""
    response = desk.post(reverse("desk:family"), family() | {"form_token": "' OR 1=1", "seen": "x"})
    assert response.status_code == 200
    assert len(response.context["token"]) == 36
    sent = "region=450800&m0-name=a%00b"
    response = desk.post(reverse("desk:family"), sent, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400


def test_a_form_of_somebody_else_is_refused(desk: Client) -> None:
    token = str(uuid4())
    send(desk, reverse("desk:family"), family(), token)
    other = _client(builders.make_staff("clerk"))
    theirs = row(
        2, id_type="990201", id_number="T450000002", name="别家", birth_date="2025-01-11", gender="1"
    )
    data = family(**theirs) | {"m0-name": "孙七", "m1-name": "周八"}
    response = send(other, reverse("desk:family"), data, token)
    assert "该表单由他人提交" in text(response)
    assert Household.objects.count() == 1


# ------------------------------------------------------------------------------------------------ the person


def paid() -> Person:
    """Somebody who paid for 2025."""
    due = bookbuilders.assess()
    bookbuilders.pay_at_counter(due, "C-1")
    return due.person


def life(person: Person, **values: str) -> dict[str, str]:
    enrollment = Enrollment.objects.filter(person=person).order_by("id").first()
    return {
        "what": "END-MOVED",
        "enrollment": str(enrollment.pk) if enrollment else "",
        "on": "2025-01-20",
        "reason": "迁出证明",
    } | values


def test_an_end_shows_what_it_moves(desk: Client) -> None:
    due = bookbuilders.assess()
    response = desk.post(reverse("desk:person_life", args=[due.person_id]), life(due.person))
    told = text(response)
    assert "未缴，不再批扣" in told
    assert "终止" in told
    assert Enrollment.objects.get().state == "1"
    response = send(desk, reverse("desk:person_life", args=[due.person_id]), life(due.person))
    assert response.status_code == 302
    assert Enrollment.objects.get().end_reason == "MOVED"
    assert "不再批扣" in text(desk.get(reverse("desk:person", args=[due.person_id])))


@pytest.mark.parametrize("what", ["END-MOVED", "DEATH"])
def test_an_end_shows_the_cover_that_ends(desk: Client, what: str) -> None:
    person = paid()
    start = Coverage.objects.filter(person=person).latest("id")
    assert start.start is not None
    response = desk.post(reverse("desk:person_life", args=[person.pk]), life(person, what=what))
    assert "2025-01-20" in text(response)
    send(desk, reverse("desk:person_life", args=[person.pk]), life(person, what=what))
    last = Coverage.objects.filter(person=person).latest("id")
    assert (last.end, last.reason) == (date(2025, 1, 21), "DIED" if what == "DEATH" else "LEFT")


def test_suspending_and_resuming(desk: Client) -> None:
    due = bookbuilders.assess()
    for what, state in (("SUSPEND", "2"), ("RESUME", "1")):
        response = send(desk, reverse("desk:person_life", args=[due.person_id]), life(due.person, what=what))
        assert response.status_code == 302
        assert Enrollment.objects.get().state == state
    response = desk.post(reverse("desk:person_life", args=[due.person_id]), life(due.person, what="RESUME"))
    assert response.context["form"].errors.keys() == {"what"}


def test_an_enrolment_of_another_region_is_no_choice(desk: Client) -> None:
    """F03: the number of an enrolment elsewhere is refused by the form."""
    person = builders.make_person()
    away = builders.enrol(person, "510100")
    response = desk.post(reverse("desk:person_life", args=[person.pk]), life(person, enrollment=str(away.pk)))
    assert "enrollment" in response.context["form"].errors
    away.refresh_from_db()
    assert away.state == "1"


def test_enrolling_a_registered_person(desk: Client) -> None:
    person = builders.make_person()
    data = {"region": GUIGANG, "on": "2025-01-20"}
    response = desk.post(reverse("desk:person_enrol", args=[person.pk]), data)
    assert "400.00" in text(response)
    assert send(desk, reverse("desk:person_enrol", args=[person.pk]), data).status_code == 302
    response = desk.post(reverse("desk:person_enrol", args=[person.pk]), data)
    assert "此人在该险种和地区已有有效的参保登记" in text(response)


def correction(person: Person, **values: str) -> dict[str, str]:
    return {
        "version": str(person.version),
        "name": person.name,
        "id_type": person.id_type,
        "id_number": "",
        "birth_date": "",
        "gender": person.gender,
        "person_class": person.person_class,
        "document": "户口簿",
        "reason": "录入错误",
    } | values


def test_a_name_is_corrected_by_two_people(desk: Client) -> None:
    person = builders.make_person()
    address = reverse("desk:person_correct", args=[person.pk])
    response = send(desk, address, correction(person, name="章三"))
    case = Proposal.objects.get()
    assert response.headers["Location"] == reverse("admin:bureau_proposal_change", args=[case.pk])
    mine = text(desk.get(response.headers["Location"]))
    assert "章三" in mine
    assert "户口簿" in mine
    assert "撤回" in mine
    supervisor = _client(builders.make_staff("supervisor"))
    decide = reverse("admin:bureau_proposal_decide", args=[case.pk])
    supervisor.post(decide, {"decision": "approve", "reason": ""})
    person.refresh_from_db()
    assert person.name == "章三"
    shown = text(desk.get(reverse("desk:person", args=[person.pk])))
    assert "复核事项" in shown
    assert "更正个人信息" in shown


def test_a_new_number_is_masked_wherever_it_is_shown(desk: Client) -> None:
    person = builders.make_person()
    number = builders.id_number(date(1980, 5, 17))
    response = send(
        desk, reverse("desk:person_correct", args=[person.pk]), correction(person, id_number=number)
    )
    page = desk.get(response.headers["Location"]).content.decode()
    assert number not in page
    assert person.id_number not in page
    assert number[-4:] in page


def test_two_clerks_edit_one_person(desk: Client) -> None:
    """X30: the second sees what the first made of it, beside what it was and what was typed; nothing is overwritten."""
    person = builders.make_person(phone="11111111")
    address = reverse("desk:person_phone", args=[person.pk])
    other = _client(builders.make_staff("clerk"))
    token = {"form_token": str(uuid4())}
    other.post(address, {"version": "0", "phone": "22222222"} | token)
    response = desk.post(address, {"version": "0", "phone": "33333333", "form_token": str(uuid4())})
    person.refresh_from_db()
    assert (response.status_code, person.phone, person.version) == (200, "22222222", 1)
    stale = response.context["stale"]
    assert [list(map(str, line)) for line in stale.rows] == [["电话", "11111111", "22222222", "33333333"]]
    assert "他人已先修改" in text(response)


def test_a_merge_shows_both_records(clerk: User) -> None:
    supervisor = _client(builders.make_staff("supervisor"))
    keep, drop = builders.make_person(), builders.make_person(id_type="08", id_number="E7654321")
    builders.enrol(drop)
    address = reverse("desk:person_merge", args=[drop.pk])
    data = {"keep": str(keep.pk), "reason": "同一人"}
    assert "终止" in text(supervisor.post(address, data))
    response = send(supervisor, address, data)
    assert "保留" in text(supervisor.get(response.headers["Location"]))
    assert _client(clerk).get(address).status_code == 403
    bad = supervisor.post(address, {"keep": "999999999", "reason": "x"})
    assert bad.context["form"].errors.keys() == {"keep"}


def test_the_second_person_sees_what_approving_moves_and_nothing_moves_by_looking(clerk: User) -> None:
    supervisor, other = (_client(builders.make_staff("supervisor")) for _ in range(2))
    keep, drop = builders.make_person(), builders.make_person(id_type="08", id_number="E7654321")
    row = builders.enrol(drop)
    response = send(
        supervisor, reverse("desk:person_merge", args=[drop.pk]), {"keep": str(keep.pk), "reason": "同一人"}
    )
    address = response.headers["Location"]
    assert "批准后将发生的变化" not in text(supervisor.get(address))  # who asked has seen it
    page = text(other.get(address))
    assert "批准后将发生的变化" in page
    moved = page[page.index("批准后将发生的变化") :].split()
    at = moved.index("终止")
    assert moved[at - 2 : at + 1] == ["参保（贵港市）", "已参保", "终止"]
    row.refresh_from_db()
    drop.refresh_from_db()
    assert (row.state, drop.merged_into_id) == ("1", None)
    third = builders.make_person()
    Person.objects.filter(pk=drop.pk).update(merged_into=third)  # somebody was faster
    assert "目前不能批准" in text(other.get(address))


def test_a_transfer_waits_in_the_other_region(desk: Client) -> None:
    person = builders.make_person("510100", name="李四")
    builders.enrol(person, "510100")
    data = {
        "id_type": "01",
        "id_number": person.id_number,
        "name": "李四",
        "region": GUIGANG,
        "on": "2025-01-31",
        "reason": "迁入",
    }
    wrong = desk.post(reverse("desk:transfer"), data | {"name": "王五", "form_token": str(uuid4())})
    assert wrong.context["form"].errors.keys() == {"id_number"}
    response = desk.post(reverse("desk:transfer"), data | {"form_token": str(uuid4())})
    case = Proposal.objects.get()
    page = text(desk.get(response.headers["Location"]))
    assert (case.region_id, "撤回" in page, "同意" in page) == ("510100", True, False)
    assert "李四" in text(desk.get(reverse("admin:bureau_proposal_changelist") + "?show=own"))
    there = _client(builders.make_staff("clerk", "510100"))
    there.post(reverse("admin:bureau_proposal_decide", args=[case.pk]), {"decision": "approve", "reason": ""})
    live = Enrollment.objects.exclude(state="4").get()
    assert (live.region_id, live.started_on) == (GUIGANG, date(2025, 2, 1))


def test_a_request_is_taken_back(desk: Client) -> None:
    person = builders.make_person()
    send(desk, reverse("desk:person_correct", args=[person.pk]), correction(person, name="章三"))
    case = Proposal.objects.get()
    desk.post(reverse("admin:bureau_proposal_withdraw", args=[case.pk]))
    case.refresh_from_db()
    assert case.state == "WITHDRAWN"
    stranger = _client(builders.make_staff("clerk", "510100"))
    assert stranger.post(reverse("admin:bureau_proposal_withdraw", args=[case.pk])).status_code == 404


# ---------------------------------------------------------------------------------------------- the household


@pytest.fixture
def home(desk: Client) -> Household:
    send(desk, reverse("desk:family"), family())
    return Household.objects.get()


def act(client: Client, home: Household, what: str, **values: str) -> Any:
    home.refresh_from_db()
    data = {"version": str(home.version), "form_token": str(uuid4())} | values
    return client.post(reverse("desk:household_act", args=[home.pk, what]), data)


def test_a_household_shows_everybody(desk: Client, home: Household) -> None:
    page = text(desk.get(reverse("desk:household", args=[home.pk])))
    for word in ("张三", "李四", "张小宝", "已参保", "北社区", "户主"):
        assert word in page


def test_a_household_asks_a_fixed_number_of_queries(desk: Client, home: Household) -> None:
    address = reverse("desk:household", args=[home.pk])
    desk.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(address)
    for nth in range(6):
        person = builders.make_person(name=f"客{nth}")
        builders.enrol(person)
        HouseholdMember.objects.create(household=home, person=person, relation="OTHER", joined_on=TODAY)
        bookbuilders.assess(person=person)
    with CaptureQueriesContext(connection) as many:
        desk.get(address)
    assert len(many) == len(few)


def test_what_can_be_done_to_a_household(desk: Client, home: Household) -> None:
    head, spouse, child = HouseholdMember.objects.order_by("id").values_list("person_id", flat=True)
    granny = builders.make_person(name="祖母", birth_date=date(1950, 1, 1))
    steps: list[Callable[[], Any]] = [
        lambda: act(
            desk, home, "add", id_type="01", id_number=granny.id_number, relation="PARENT", on="2025-01-20"
        ),
        lambda: act(desk, home, "member", person=str(child), relation="GRANDCHILD", guardian=str(granny.pk)),
        lambda: act(desk, home, "head", person=str(spouse), former="SPOUSE"),
        lambda: act(
            desk, home, "place", town="东街", village="南社区", address="1号", phone="139", payer=str(head)
        ),
        lambda: act(desk, home, "leave", person=str(granny.pk), on="2025-01-20", reason="迁出"),
        lambda: act(desk, home, "split", on="2025-01-20", **{f"p{head}": "HEAD", f"p{child}": "CHILD"}),
    ]
    for step in steps:
        response = step()
        assert response.status_code == 302, text(response)
    new = Household.objects.exclude(pk=home.pk).get()
    assert (new.village, new.payer_id) == ("南社区", head)
    response = act(
        desk, new, "merge", into=str(home.pk), on="2025-01-20", **{f"p{head}": "SPOUSE", f"p{child}": "CHILD"}
    )
    assert response.headers["Location"] == reverse("desk:household", args=[home.pk])
    new.refresh_from_db()
    assert new.merged_into == home
    assert HouseholdMember.objects.filter(household=home, left_on=None).count() == 3


def test_two_clerks_edit_one_household(desk: Client, home: Household) -> None:
    place = {"town": "", "village": "北社区", "address": "", "payer": ""}
    old = str(home.version)
    assert act(desk, home, "place", **place, phone="222").status_code == 302
    response = desk.post(
        reverse("desk:household_act", args=[home.pk, "place"]),
        place | {"version": old, "phone": "333", "form_token": str(uuid4())},
    )
    assert "他人已先修改" in text(response)
    assert [list(map(str, line[1:])) for line in response.context["stale"].rows] == [
        ["13800000000", "222", "333"]
    ]
    home.refresh_from_db()
    assert home.phone == "222"


def test_a_household_of_others_does_not_exist(home: Household) -> None:
    stranger = _client(builders.make_staff("clerk", "510100"))
    for address in (
        reverse("desk:household", args=[home.pk]),
        reverse("desk:household_act", args=[home.pk, "place"]),
        reverse("desk:person_life", args=[Person.objects.order_by("id")[0].pk]),
    ):
        assert stranger.get(address).status_code == 404
    auditor = _client(builders.make_staff("auditor"))
    assert auditor.get(reverse("desk:household", args=[home.pk])).status_code == 200
    assert auditor.get(reverse("desk:household_act", args=[home.pk, "place"])).status_code == 403
    assert auditor.get(reverse("desk:household_act", args=[home.pk, "nothing"])).status_code in (403, 404)
