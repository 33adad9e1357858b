"""The screen "why can't they pay?" and what can be done from it; two payments side by side; the lists of a region."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bureau import audit, proposals
from bureau.desk.whynot import buttons
from bureau.models import ExportRecord, Proposal, User
from enrollment.models import Enrollment, Person
from payments.models import DeclarationVoid, Hold, Mandate, Order, Receivable, RetryClearance, RetryRule, Swap
from payments.problems import CATALOGUE
from payments.services import orderpayments, whynot
from tests import builders
from tests.bureau.desk_world import HOME, client_of
from tests.payments import test_problems as worlds
from tests.payments.test_swaps import AWAY, LATE, paid_twice, two_regions

YEAR = 2025


@pytest.fixture
def clerk(db: None) -> User:
    with audit.acting(by=None, why="a test's staff"):
        return builders.make_staff("clerk")


def screen(client: Client, person: Person, year: int = YEAR) -> str:
    response = client.get(f"{reverse('desk:whynot', args=[person.pk])}?year={year}")
    assert response.status_code == 200
    return response.content.decode()


def codes(html: str) -> list[str]:
    """The problems on the page, in their order."""
    return re.findall(r'<section class="desk-card[^"]*" id="([A-Z_]+)"', html)


def act(client: Client, person: Person, **sent: Any) -> Any:
    return client.post(reverse("desk:whynot_act", args=[person.pk]), {"year": YEAR, **sent})


@pytest.mark.parametrize("code", ["OPEN_ORDER", "NO_RECEIVABLE", "MULTI_RECEIVABLE", "UNSETTLED_EXISTS",
                                  "ALREADY_DECLARED", "DUP_PAYMENT", "DEBIT_REJECTED", "STOP_NOT_SYNCED",
                                  "RECEIPT_PASSED_OVER"])  # fmt: skip
def test_the_screen_lists_what_the_service_finds(clerk: User, code: str) -> None:
    """The same problems in the same order, in Chinese; the quoted prompt stands on the page."""
    world = worlds.WORLDS[code][0]()
    html = screen(client_of(clerk), world.person)
    assert code in codes(html)
    found = [one.obstacle for one in whynot.ask(person_id=world.person.pk, year=YEAR, at=worlds.LATE).reasons]
    blocking = {one.code for one in found if one.problem.blocks}
    assert blocking - set(codes(html)) <= {"LATE_WAIT", "E_WAIT_PAST_YEAR_END"}


PROMPTS = {
    "MULTI_RECEIVABLE": "查询到多条应缴数据，无法缴费",
    "UNSETTLED_EXISTS": "存在未入库费款，不能再次缴费",
    "ALREADY_DECLARED": "该缴费人已经申报，不允许重复申报",
    "NO_RECEIVABLE": "未查询到应缴信息",
}


@pytest.mark.parametrize("code", PROMPTS)
def test_the_prompt_is_the_sources_own(clerk: User, code: str) -> None:
    world = worlds.WORLDS[code][0]()
    assert PROMPTS[code] in screen(client_of(clerk), world.person)


def test_an_order_is_cancelled_right_there(clerk: User) -> None:
    """P16: with a reason; the receivable is free again."""
    world = worlds.WORLDS["OPEN_ORDER"][0]()
    client, order = client_of(clerk), Order.objects.get()
    assert "OPEN_ORDER" in codes(screen(client, world.person))
    act(client, world.person, what="cancel", order=order.number, reason=" ")
    assert Order.objects.get().state == "OPEN"
    response = act(client, world.person, what="cancel", order=order.number, reason="缴费人改用现金")
    assert response.headers["Location"].endswith(f"?year={YEAR}")
    assert (Order.objects.get().state, Hold.objects.exists()) == ("CANCELLED", False)
    assert "OPEN_ORDER" not in codes(screen(client, world.person))


def test_an_ended_enrolments_receivable_is_voided_from_there(db: None) -> None:
    """P03, P27: the tax officer's button leads to the void, the receivable filled in; a second officer decides."""
    world = worlds.WORLDS["STOP_NOT_SYNCED"][0]()
    with audit.acting(by=None, why="a test's staff"):
        first, second = builders.make_staff("tax_officer"), builders.make_staff("tax_officer")
    due = Receivable.objects.get(person=world.person)
    html = screen(client_of(first), world.person)
    there = f"{reverse('admin:payments_declarationvoid_ask')}?receivable={due.pk}"
    assert there in html
    assert str(due.pk) in client_of(first).get(there).content.decode()
    client_of(first).post(there, {"receivable": due.pk, "reason": "参保已停，税务无扣款"})
    proposal = Proposal.objects.get(kind="declaration.void")
    client_of(second).post(
        reverse("admin:payments_declarationvoid_decide", args=[proposal.pk]), {"decision": "approve"}
    )
    assert DeclarationVoid.objects.get().receivable_id == due.pk
    assert "STOP_NOT_SYNCED" not in codes(screen(client_of(first), world.person))


def test_a_receivable_is_assessed_right_there(clerk: User) -> None:
    """P06."""
    world = worlds.WORLDS["NO_RECEIVABLE"][0]()
    client = client_of(clerk)
    assert "NO_RECEIVABLE" in codes(screen(client, world.person))
    act(client, world.person, what="assess", region=HOME)
    assert Receivable.objects.get().person == world.person
    assert "NO_RECEIVABLE" not in codes(screen(client, world.person))


def test_an_account_is_cleared_right_there(clerk: User) -> None:
    """P08: the bank unblocked it."""
    world = worlds.WORLDS["DEBIT_REJECTED"][0]()
    client = client_of(clerk)
    number = Receivable.objects.get().pk * 100 + 1
    act(client, world.person, what="clear", instruction=number, reason="银行已处理")
    assert RetryClearance.objects.get().instruction_id == number
    assert "DEBIT_REJECTED" not in codes(screen(client, world.person))


@pytest.mark.parametrize(
    "sent",
    [
        {"what": "dance"},
        {"what": "assess", "region": AWAY},
        {"what": "assess", "region": HOME, "year": "٣"},
        {"what": "assess", "region": "\u0000"},
    ],
)
def test_what_is_not_on_the_page_is_absent(clerk: User, sent: dict[str, Any]) -> None:
    world = worlds.plain()
    assert act(client_of(clerk), world.person, **sent).status_code in (400, 404)


@pytest.mark.parametrize(
    "sent", [{"what": "clear", "instruction": "9" * 40}, {"what": "cancel", "order": "x"}]
)
def test_an_odd_number_is_refused_in_words(clerk: User, sent: dict[str, Any]) -> None:
    world = worlds.plain()
    assert act(client_of(clerk), world.person, reason="x", **sent).status_code == 302


def test_only_the_desk_acts(clerk: User) -> None:
    """An auditor sees the screen without its buttons; another region sees nothing."""
    world = worlds.WORLDS["OPEN_ORDER"][0]()
    auditor = client_of(builders.make_staff("auditor"))
    html = screen(auditor, world.person)
    assert "OPEN_ORDER" in codes(html)
    assert 'name="what"' not in html
    order = Order.objects.get().number
    assert act(auditor, world.person, what="cancel", order=order, reason="x").status_code == 403
    stranger = client_of(builders.make_staff("clerk", "110000"))
    assert stranger.get(reverse("desk:whynot", args=[world.person.pk])).status_code == 404
    assert act(stranger, world.person, what="cancel", order=order, reason="x").status_code == 404
    assert client_of(clerk).get(reverse("desk:whynot_act", args=[world.person.pk])).status_code == 405
    assert Order.objects.get().state == "OPEN"


def test_the_counter_types_what_the_person_typed(clerk: User) -> None:
    """P11, P12, P14 by their prompts; a match leads to the screen; of a stranger's region nothing is told."""
    world = worlds.plain()
    client, address = client_of(clerk), reverse("desk:whynot_start")
    person = Person.objects.get(pk=world.person.pk)

    def typed(number: str, name: str) -> Any:
        return client.post(address, {"id_type": "01", "id_number": number, "name": name})

    found = typed(person.id_number, person.name)
    assert found.headers["Location"] == reverse("desk:whynot", args=[person.pk])
    assert codes(typed(person.id_number, "李四").content.decode()) == ["INPUT_MISMATCH"]
    assert codes(typed("450802199008150014", "李四").content.decode()) == ["INPUT_FORMAT"]
    assert codes(typed("510104202501010036", "李四").content.decode()) == ["PERSON_NOT_FOUND"]
    away = builders.make_person("110000")
    assert "不在您的统筹区登记或参保" in typed(away.id_number, away.name).content.decode()


def test_help_texts_are_there(clerk: User) -> None:
    """P15, P28, P29."""
    html = client_of(clerk).get(reverse("desk:whynot_start")).content.decode()
    assert all(number in html for number in ("P15", "P28", "P29"))


# --- two payments side by side ----------------------------------------------------------------------


def test_the_two_are_compared_and_swapped_by_two_persons(clerk: User) -> None:
    """D09: the clerk proposes on the page that shows both; a supervisor decides on the second person's page."""
    person = worlds.plain().person
    twice = paid_twice(person)
    client, address = client_of(clerk), reverse("desk:duplicate", args=[twice.pk])
    html = client.get(address).content.decode()
    for text in ("微信", "支付宝", "2025-02-20", "2025-03-10", "2025-01-01", "2025-06-11"):
        assert text in html
    assert 'id="better"' in html
    client.post(reverse("desk:duplicate_propose", args=[twice.pk]), {"reason": ""})
    assert not proposals.Proposal.objects.exists()
    client.post(reverse("desk:duplicate_propose", args=[twice.pk]), {"reason": "二月先扣款"})
    waiting = proposals.Proposal.objects.get()
    assert reverse("admin:bureau_proposal_change", args=[waiting.pk]) in client.get(address).content.decode()
    supervisor = client_of(builders.make_staff("supervisor"))
    shown = supervisor.get(reverse("admin:bureau_proposal_change", args=[waiting.pk])).content.decode()
    assert "2025-02-20" in shown
    decide = reverse("admin:bureau_proposal_decide", args=[waiting.pk])
    supervisor.post(decide, {"decision": "approve", "reason": ""})
    assert Swap.objects.get().duplicate_id == twice.pk
    assert "这笔款已不是重复缴费" in client.get(address).content.decode()


def test_a_duplicate_of_another_region_is_absent(clerk: User) -> None:
    person = two_regions()
    twice = paid_twice(person, AWAY, HOME)
    assert client_of(clerk).get(reverse("desk:duplicate", args=[twice.pk])).status_code == 404
    propose = reverse("desk:duplicate_propose", args=[twice.pk])
    assert client_of(clerk).post(propose, {"reason": "x"}).status_code == 404
    officer = client_of(builders.make_staff("tax_officer", AWAY))
    assert officer.get(reverse("desk:duplicate", args=[twice.pk])).status_code == 200
    assert officer.post(propose, {"reason": "x"}).status_code == 403
    orderpayments.reverse(payment_id=twice.carried_by or 0, client=None, at=LATE)
    alone = officer.get(reverse("desk:duplicate", args=[twice.pk])).content.decode()
    assert "本年度现无有效缴费" in alone
    assert "提出由此款承担本年度" not in alone
    desk = client_of(builders.make_staff("clerk", AWAY)).get(reverse("desk:duplicate", args=[twice.pk]))
    assert "提出由此款承担本年度" in desk.content.decode()


def test_every_problem_of_a_person_has_its_button() -> None:
    """Those that are asked of what was typed, of a channel or of an account are answered where they are asked."""
    assert set(CATALOGUE) - worlds.ASKED_OF_ONE == buttons.WITH_BUTTONS


@pytest.mark.parametrize("code", ["TX_LOCKED", "UPSTREAM_ERROR", "PAY_RESULT_PENDING", "OUT_OF_PAY_DAYS"])
def test_what_can_only_be_waited_for_leads_on(db: None, code: str) -> None:
    """To the order whose channel can be asked, to the batch, to the day from which cover would count."""
    world = worlds.WORLDS[code][0]()
    found = whynot.ask(person_id=world.person.pk, year=YEAR, at=world.at)
    (one,) = [each.obstacle for each in found.reasons if each.obstacle.code == code]
    asked = buttons.Asked(builders.make_staff("clerk"), world.person, YEAR)
    (button,) = buttons.buttons(asked, one)
    assert client_of(asked.user).get(button.url).status_code == 200


# --- a region ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", whynot.IN_BULK)
def test_the_list_of_a_region_leads_to_the_screen(clerk: User, code: str) -> None:
    world = worlds.BULK[code]()
    query = f"?region={HOME}&year={YEAR}&problem={code}"
    html = client_of(clerk).get(reverse("desk:problems") + query).content.decode()
    assert f"{reverse('desk:whynot', args=[world.person.pk])}?year={YEAR}" in html


@pytest.mark.parametrize("query", ["?region=110000", "?year=x", "?after=-1", "?problem=DROP", "?region=%00"])
def test_odd_questions_get_the_usual_answer(clerk: User, query: str) -> None:
    for name in ("desk:problems", "desk:last_chance"):
        assert client_of(clerk).get(reverse(name) + query).status_code in (200, 400)


def test_the_list_of_the_last_chance_is_exported_masked(clerk: User) -> None:
    """By a supervisor, with an entry in the register; a clerk may not."""
    world = worlds.WORLDS["BATCH_DEBIT_FAILED"][0]()
    page = reverse("desk:last_chance") + f"?region={HOME}&year={YEAR}"
    assert world.person.name in client_of(clerk).get(page).content.decode()
    address = reverse("desk:last_chance_export") + f"?region={HOME}&year={YEAR}"
    assert client_of(clerk).get(address).status_code == 403
    client = client_of(builders.make_staff("supervisor"))
    assert client.get(address).status_code == 200
    sent = b"".join(client.post(address, {"purpose": "短信提醒"})).decode("utf-8-sig")
    account = Mandate.objects.get().account
    assert "余额不足" in sent
    assert account not in sent
    assert world.person.name not in sent
    assert ExportRecord.objects.get().what == "last_chance"


# --- mandates and rules -----------------------------------------------------------------------------


def test_a_new_account_at_the_counter(clerk: User) -> None:
    """The old mandate ends, the new one is signed and verified: what failed may be tried again."""
    world = worlds.WORLDS["DEBIT_REJECTED"][0]()
    client, address = client_of(clerk), reverse("desk:person_mandate", args=[world.person.pk])
    change = reverse("desk:person_mandate_act", args=[world.person.pk])
    assert "终止协议" in client.get(address).content.decode()
    client.post(change, {"what": "end", "reason": "换卡"})
    given = {"bank": "103", "agreement_no": "SF2025NEW", "account": "6228480010000000017", "holder": "张三",
             "signed_on": "2025-01-20"}  # fmt: skip
    wrong = client.post(address, given | {"account": "6228480010000000018"})
    assert "银行卡" in wrong.content.decode()
    assert client.post(address, given).status_code == 302
    client.post(change, {"what": "verify"})
    assert Mandate.objects.get(agreement_no="SF2025NEW").state == "VERIFIED"
    assert client.post(change, {"what": "verify"}).status_code == 302


def test_the_rules_are_edited_by_a_supervisor(clerk: User) -> None:
    supervisor = client_of(builders.make_staff("supervisor"))
    new = reverse("admin:payments_retryrule_new")
    given = {"bank": "103", "internal": "CLOSED", "action": "ASK_BANK", "stop_after": ""}
    assert client_of(clerk).post(new, given).status_code == 403
    assert supervisor.post(new, given | {"stop_after": "3"}).status_code == 200
    assert supervisor.post(new, given).status_code == 302
    rule = RetryRule.objects.get(bank_id="103")
    edit = reverse("admin:payments_retryrule_edit", args=[rule.pk])
    assert supervisor.post(edit, {"action": "TRY_AGAIN", "stop_after": "2"}).status_code == 302
    assert RetryRule.objects.get(pk=rule.pk).stop_after == 2
    drop = reverse("admin:payments_retryrule_drop", args=[rule.pk])
    assert client_of(clerk).post(drop).status_code == 403
    assert supervisor.get(drop).status_code == 405
    supervisor.post(drop)
    assert not RetryRule.objects.filter(bank_id="103").exists()


def test_ending_the_enrolment_that_is_over(clerk: User) -> None:
    """P03: the button leads to the counter's own page; afterwards one receivable is left."""
    person = two_regions()
    client = client_of(clerk)
    html = screen(client, person)
    assert reverse("desk:person_life", args=[person.pk]) in html
    Enrollment.objects.filter(person=person, region_id=HOME).update(state="4", ended_on=date(2024, 10, 1))
    assert "MULTI_RECEIVABLE" not in codes(screen(client, person))
