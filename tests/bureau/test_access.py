"""Who may open what, and where: every page and every action of the desk, through its real address, for every role.

A row of another region is absent (404), whatever the role; a row in the person's regions that the role may not see is
refused (403); nobody without a log-in sees anything. The wrong person's POST changes nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bureau.access import EVERYWHERE
from bureau.models import ExportRecord, Proposal, StaffRegion
from payments.models import BankFile, DebitBatch, FileLease, WorkItem, WorkNote
from tests.bureau import desk_world, settlement_world
from tests.bureau.desk_world import ELSEWHERE, HOME, PAGES, POSTS, REDIRECTS, ROLES, Page, World, client_of
from tests.payments import bookbuilders

FACTS = (
    "payments_payment",
    "payments_bankfile",
    "payments_debitbatch",
    "payments_workitem",
    "payments_worknote",
    "payments_hold",
    "bureau_proposal",
    "bureau_exportrecord",
    "bureau_user",
    "bureau_user_groups",
    "bureau_staffregion",
    "bureau_workday",
    "payments_closedday",
)


@pytest.fixture
def world(db: None) -> World:
    """A bureau with one of everything."""
    return desk_world.make()


def digest() -> dict[str, str]:
    """A digest of every table that an action of the desk could change (last log-in times left out)."""
    found = {}
    with connection.cursor() as cursor:
        for table in FACTS:
            row = "to_jsonb(t) - 'last_login'"
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(({row})::text, '|' ORDER BY ({row})::text), '')) FROM \"{table}\" t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def _names(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for found in patterns:
        if isinstance(found, URLResolver):
            yield from _names(found.url_patterns, f"{found.namespace}:" if found.namespace else prefix)
        elif isinstance(found, URLPattern) and found.name:
            yield f"{prefix}{found.name}"


STOCK = {
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:autocomplete",
    "admin:jsi18n",
    "admin:app_list",
    "admin:search",
    "set_language",
}


def test_every_address_is_in_the_matrix() -> None:
    """A page that is added without a line in the matrix fails here."""
    found = {
        name for name in _names(get_resolver().url_patterns) if name.startswith(("admin:", "desk:", "set_"))
    }
    assert found - STOCK == {page.name for page in PAGES} | POSTS | REDIRECTS


@pytest.mark.parametrize("role", ROLES)
def test_own_region(world: World, role: str) -> None:
    """In one's own region: 200 with the right, 403 without."""
    clients = {
        region: client_of(world.who(role, region)) for region in {page.region or HOME for page in PAGES}
    }
    for page in PAGES:
        wanted = 200 if page.allowed(role) else 403
        status = clients[page.region or HOME].get(page.address(world)).status_code
        assert (page.name, status) == (page.name, wanted)


@pytest.mark.parametrize("role", ROLES)
def test_other_region(world: World, role: str) -> None:
    """A row of another region does not exist, except for those who see every region."""
    everywhere = role in {one.value for one in EVERYWHERE}
    client = client_of(world.who(role, ELSEWHERE))
    for page in PAGES:
        if page.region is None:
            continue
        allowed = 200 if page.allowed(role) else 403
        wanted = allowed if everywhere else 404
        assert (page.name, _status(client, page, world, role)) == (page.name, wanted)


def _status(client: Client, page: Page, world: World, role: str) -> int:
    status: int = client.get(page.address(world)).status_code
    # An export asks for its right before it looks for the file.
    return (
        404
        if page.name.endswith("_export") and status == 403 and role not in ("sysadmin", "auditor")
        else status
    )


def test_without_a_login_there_is_only_the_login(world: World) -> None:
    """Every page leads to the log-in and shows nothing."""
    for page in PAGES:
        response = Client().get(page.address(world))
        assert (page.name, response.status_code) == (page.name, 302)
        assert response.headers["Location"].startswith(reverse("admin:login"))


def test_a_member_of_staff_without_a_role_sees_an_empty_home(world: World) -> None:
    """Home says what to do; every other page refuses."""
    user = world.who("clerk")
    user.groups.clear()
    client = client_of(user)
    home = client.get(reverse("admin:index"))
    assert home.status_code == 200
    assert "您尚未分配角色" in home.content.decode()
    for page in PAGES:
        if page.action and page.region in (None, HOME):
            assert (page.name, client.get(page.address(world)).status_code) == (page.name, 403)


def test_a_role_or_region_withdrawn_counts_at_the_next_request(world: World) -> None:
    """Rights are read with each request."""
    clerk = world.who("clerk")
    client, address = client_of(clerk), reverse("desk:person", args=[world.person.pk])
    assert client.get(address).status_code == 200
    StaffRegion.objects.filter(user=clerk).update(region_id=ELSEWHERE)
    assert client.get(address).status_code == 404
    clerk.groups.clear()
    assert client.get(reverse("admin:payments_payment_changelist")).status_code == 403


def _posts(world: World) -> list[tuple[str, dict[str, Any], frozenset[str], str]]:
    """Every action: its address, what is sent, who may do it, and the region of its row."""
    books = world.books
    parked = BankFile.objects.get(name="P1").pk

    def at(name: str, *args: Any) -> str:
        return reverse(f"admin:{name}", args=args)

    supervisors = frozenset({"supervisor"})
    desk = frozenset({"clerk", "supervisor"})
    return [
        (
            at("bureau_proposal_decide", world.held.pk),
            {"decision": "approve", "reason": "x"},
            supervisors,
            HOME,
        ),
        (at("payments_bankfile_requeue", parked), {}, frozenset({"supervisor", "sysadmin"}), HOME),
        (at("payments_bankfile_drop", parked), {"reason": "x"}, supervisors, HOME),
        (at("payments_debitbatch_download", books.batch.pk), {}, supervisors, HOME),
        (at("payments_debitbatch_digest", books.batch.pk), {}, supervisors, HOME),
        (at("payments_debitbatch_drop", books.batch.pk), {"reason": "x"}, desk, HOME),
        (at("payments_debitbatch_let_go", books.batch.pk), {"reason": "x"}, desk, HOME),
        (at("payments_pushbatch_download", settlement_world.push(world).pk), {}, desk, HOME),
        (at("payments_workitem_act", world.item.pk), {"action": "take"}, desk, HOME),
        (at("payments_workitem_act", world.item.pk), {"action": "note", "text": "x"}, desk, HOME),
        (at("payments_workitem_act", world.item.pk), {"action": "resolve", "text": "x"}, desk, HOME),
    ]


@pytest.fixture
def parked(world: World) -> BankFile:
    """A file that failed three times."""
    file = bookbuilders.queue_file(world.books.batch, world.books.home, name="P1", state="PARKED")
    FileLease.objects.filter(pk=file.pk).update(attempts=3, last_error="out of memory")
    settlement_world.push(world)
    return file


@pytest.mark.usefixtures("parked")
@pytest.mark.parametrize("role", ROLES)
def test_a_post_by_the_wrong_role_changes_nothing(world: World, role: str) -> None:
    """403, and every table as before."""
    client, before = client_of(world.who(role)), digest()
    for address, sent, allowed, _region in _posts(world):
        if role not in allowed:
            assert (address, client.post(address, sent).status_code) == (address, 403)
    assert digest() == before


@pytest.mark.usefixtures("parked")
@pytest.mark.parametrize("role", ["clerk", "supervisor", "tax_officer"])
def test_a_post_to_another_region_finds_nothing(world: World, role: str) -> None:
    """404, and every table as before."""
    client, before = client_of(world.who(role, ELSEWHERE)), digest()
    for address, sent, _allowed, _region in _posts(world):
        assert (address, client.post(address, sent).status_code) == (address, 404)
    assert digest() == before


@pytest.mark.usefixtures("parked")
def test_a_post_without_a_login_changes_nothing(world: World) -> None:
    """To the log-in, and every table as before."""
    before = digest()
    for address, sent, _allowed, _region in _posts(world):
        assert Client().post(address, sent).status_code == 302
    assert digest() == before


@pytest.mark.usefixtures("parked")
def test_actions_take_only_a_post(world: World) -> None:
    """A link cannot act: GET is not allowed."""
    supervisor, before = client_of(world.who("supervisor")), digest()
    for address, _sent, _allowed, _region in _posts(world):
        assert (address, supervisor.get(address).status_code) == (address, 405)
    for name in ("payments_workitem_next", "payments_workitem_bulk"):
        assert supervisor.get(reverse(f"admin:{name}")).status_code == 405
    assert digest() == before


def test_a_post_without_a_token_is_refused(world: World) -> None:
    """F02: a form of another site changes nothing and is told so in words."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.who("supervisor"))
    before = digest()
    response = client.post(
        reverse("admin:bureau_proposal_decide", args=[world.held.pk]), {"decision": "approve"}
    )
    assert response.status_code == 403
    assert "表单已过期" in response.content.decode()
    assert digest() == before


class TestSecondPerson:
    """Nobody releases what they made: neither a button nor a POST."""

    def test_the_maker_sees_no_buttons(self, world: World) -> None:
        """Neither on the proposal nor on the file, even as a supervisor."""
        maker = world.books.home.clerk
        maker.groups.set(world.who("supervisor").groups.all())
        for address in (
            reverse("admin:bureau_proposal_change", args=[world.held.pk]),
            reverse("admin:payments_bankfile_change", args=[world.books.held_file.pk]),
        ):
            text = client_of(maker).get(address).content.decode()
            assert 'name="decision"' not in text
            assert "须由他人复核" in text

    def test_the_makers_post_is_refused_with_a_reason(self, world: World) -> None:
        """The service decides, not the hidden button."""
        maker = world.books.home.clerk
        maker.groups.set(world.who("supervisor").groups.all())
        before = digest()
        address = reverse("admin:bureau_proposal_decide", args=[world.held.pk])
        response = client_of(maker).post(address, {"decision": "approve"}, follow=True)
        assert "须由他人复核" in response.content.decode()
        assert digest() == before

    def test_another_supervisor_releases(self, world: World) -> None:
        """The file is queued and names who released it."""
        supervisor = world.who("supervisor")
        address = reverse("admin:bureau_proposal_decide", args=[world.held.pk])
        response = client_of(supervisor).post(address, {"decision": "approve", "reason": "checked"})
        assert response.status_code == 302
        file = BankFile.objects.get(pk=world.books.held_file.pk)
        assert (file.state, file.released_by) == ("QUEUED", supervisor)

    def test_a_rejection_needs_a_reason(self, world: World) -> None:
        """Without one nothing happens, and the page says so."""
        supervisor, before = client_of(world.who("supervisor")), digest()
        address = reverse("admin:bureau_proposal_decide", args=[world.held.pk])
        response = supervisor.post(address, {"decision": "reject", "reason": " "}, follow=True)
        assert "请填写理由" in response.content.decode()
        assert digest() == before

    def test_the_second_click_shows_who_was_first(self, world: World) -> None:
        """F10: one effect; the second sees the first result."""
        address = reverse("admin:bureau_proposal_decide", args=[world.held.pk])
        first, second = world.who("supervisor"), world.books.home.supervisor
        client_of(first).post(address, {"decision": "approve"})
        before = digest()
        response = client_of(second).post(address, {"decision": "reject", "reason": "no"}, follow=True)
        assert first.username in response.content.decode()
        assert digest() == before

    def test_the_maker_drops_a_frozen_batch(self, world: World) -> None:
        """A frozen batch can be given up by who froze it, with a reason."""
        books = world.books
        batch, _made = bookbuilders.freeze([bookbuilders.assess()], books.home, number=7, state="FROZEN")
        client = client_of(books.home.clerk)
        client.post(reverse("admin:payments_debitbatch_drop", args=[batch.pk]), {"reason": "wrong day"})
        assert DebitBatch.objects.get(pk=batch.pk).state == "DROPPED"


class TestWork:
    """Work items: one hand at a time, one effect for two clicks."""

    def act(self, user: Any, item: WorkItem, **sent: str) -> Any:
        """Press a button on the item's page."""
        return client_of(user).post(reverse("admin:payments_workitem_act", args=[item.pk]), sent, follow=True)

    def test_take_note_resolve(self, world: World) -> None:
        """The whole way, each step on record."""
        clerk = world.who("clerk")
        self.act(clerk, world.item, action="take")
        self.act(clerk, world.item, action="note", text="called the bank")
        self.act(clerk, world.item, action="resolve", text="money went back")
        item = WorkItem.objects.get(pk=world.item.pk)
        assert (item.state, item.resolved_by, item.resolution) == ("RESOLVED", clerk, "money went back")
        assert (
            WorkNote.objects.filter(item=item, by=clerk).values_list("text", flat=True)[0]
            == "called the bank"
        )

    def test_a_taken_item_is_not_resolved_by_another(self, world: World) -> None:
        """The page says who has it."""
        first, second = world.who("clerk"), world.books.home.clerk
        self.act(first, world.item, action="take")
        response = self.act(second, world.item, action="resolve", text="mine now")
        assert first.username in response.content.decode()
        assert WorkItem.objects.get(pk=world.item.pk).state == "TAKEN"

    def test_resolving_opens_the_next_item(self, world: World) -> None:
        """Few clicks: after one comes the next of its kind."""
        clerk = world.who("clerk")
        response = self.act(clerk, world.item, action="resolve", text="done")
        same = WorkItem.objects.filter(region_id=HOME, state="OPEN", kind=world.item.kind)
        following = same.order_by("due_on", "id").first()
        assert following is not None
        assert response.redirect_chain[-1][0] == reverse(
            "admin:payments_workitem_change", args=[following.pk]
        )

    def test_a_second_click_changes_nothing(self, world: World) -> None:
        """F10: the second press shows the first result."""
        clerk = world.who("clerk")
        self.act(clerk, world.item, action="resolve", text="done")
        before = digest()
        response = self.act(clerk, world.item, action="resolve", text="done twice")
        assert "已办结" in response.content.decode()
        assert digest() == before

    def test_ticked_items_of_another_region_are_ignored(self, world: World) -> None:
        """F03: tampered keys, letters, numbers beyond bigint; only rows in one's regions are touched."""
        foreign = WorkItem.objects.create(
            kind="SWAP",
            region_id=ELSEWHERE,
            due_on=world.item.due_on,
            opened_at=world.item.opened_at,
            reason="",
        )
        clerk = world.who("clerk")
        keys = [str(world.item.pk), str(foreign.pk), "x", "-1", "9" * 30, "1; DROP TABLE"]
        client_of(clerk).post(reverse("admin:payments_workitem_bulk"), {"item": keys, "action": "take"})
        assert WorkItem.objects.get(pk=world.item.pk).taken_by == clerk
        assert WorkItem.objects.get(pk=foreign.pk).state == "OPEN"

    def test_select_across_is_no_way_around(self, world: World) -> None:
        """F03: what the stock admin would take for "all rows" means nothing here."""
        sent = {
            "action": "resolve",
            "select_across": "1",
            "_selected_action": ["1"],
            "index": "0",
            "text": "x",
        }
        client, before = client_of(world.who("clerk")), digest()
        client.post(reverse("admin:payments_workitem_changelist"), sent)
        assert digest() == before

    def test_the_next_one_is_taken_and_opened(self, world: World) -> None:
        """What is due first and nobody has."""
        clerk = world.who("clerk")
        response = client_of(clerk).post(reverse("admin:payments_workitem_next"))
        item = WorkItem.objects.get(taken_by=clerk)
        assert response.headers["Location"] == reverse("admin:payments_workitem_change", args=[item.pk])


def test_read_only_facts_ignore_a_post(world: World) -> None:
    """F05: a form that sends fields of a fact is refused, and nothing changed."""
    clients = {role: client_of(world.who(role)) for role in ("clerk", "supervisor", "auditor")}
    sent = {"amount": "1.00", "state": "APPLIED", "released_by": "1", "_save": "1"}
    facts = [page for page in PAGES if page.name.endswith("_change") and page.region == HOME]
    # Some of the world's rows are made when their address is asked for.
    addresses = {page: page.address(world) for page in facts}
    before = digest()
    for role, client in clients.items():
        for page in facts:
            if page.allowed(role):
                assert (page.name, client.post(addresses[page], sent).status_code) == (page.name, 403)
    assert digest() == before


def test_nothing_can_be_added_or_deleted(world: World) -> None:
    """F08: there are no such pages."""
    client = client_of(world.who("supervisor"))
    for model in ("payment", "receivable", "bankfile", "workitem", "debitbatch", "mandate"):
        assert client.get(f"/desk/payments/{model}/add/").status_code == 404
        assert (
            client.post(
                f"/desk/payments/{model}/{world.books.counter.pk}/delete/", {"post": "yes"}
            ).status_code
            == 404
        )
        assert client.get(f"/desk/payments/{model}/{world.books.counter.pk}/history/").status_code == 404


def test_downloading_the_request_file_is_registered(world: World) -> None:
    """The supervisor's download stands in the export register with its end."""
    supervisor = world.who("supervisor")
    address = reverse("admin:payments_debitbatch_download", args=[world.books.batch.pk])
    response = client_of(supervisor).post(address)
    sent = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    record = ExportRecord.objects.get(user=supervisor, what="request_file")
    assert (record.masked, record.outcome.rows) == (False, world.books.batch.lines)
    assert sent.decode("gb18030").splitlines()[0].startswith("H|")
    assert response.headers["Content-Disposition"].endswith('.txt"')


def test_a_sysadmin_queues_a_parked_file_from_home_without_seeing_it(world: World, parked: BankFile) -> None:
    """D06: counts only; the page of the file stays closed."""
    client = client_of(world.who("sysadmin"))
    assert client.get(reverse("admin:payments_bankfile_change", args=[parked.pk])).status_code == 403
    assert f"#{parked.pk}" in client.get(reverse("admin:index")).content.decode()
    address = reverse("admin:payments_bankfile_requeue", args=[parked.pk])
    response = client.post(address, {"next": reverse("admin:index")})
    assert response.headers["Location"] == reverse("admin:index")
    assert BankFile.objects.get(pk=parked.pk).state == "QUEUED"


def test_a_next_address_of_another_site_is_not_followed(world: World, parked: BankFile) -> None:
    """A form's ``next`` leads to our pages only."""
    address = reverse("admin:payments_bankfile_requeue", args=[parked.pk])
    response = client_of(world.who("supervisor")).post(address, {"next": "https://example.org/"})
    assert response.headers["Location"] == reverse("admin:payments_bankfile_change", args=[parked.pk])


def test_the_proposals_of_other_regions_do_not_wait_for_me(world: World) -> None:
    """The queue shows what I may decide and did not make."""
    address = reverse("admin:bureau_proposal_changelist")
    mine = client_of(world.who("supervisor")).get(address).content.decode()
    theirs = client_of(world.who("supervisor", ELSEWHERE)).get(address).content.decode()
    # By its address: a short title may stand in a token by chance.
    page = reverse(
        "admin:bureau_proposal_change", args=[Proposal.objects.get(state="OPEN", title=world.held.title).pk]
    )
    assert page in mine
    assert page not in theirs
    assert Proposal.objects.filter(state="OPEN").count() == 1
