"""The second person: nobody decides what they made, one question at a time, effect and decision together."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bureau import access, proposals
from bureau.errors import BureauError
from bureau.models import ExportRecord, Proposal, Region, StaffRegion, User
from bureau.states import PROPOSAL_MOVES, ProposalState
from tests.builders import GUIGANG

CODE = "test.close-online"
OTHER = "test.other"
RECORD = "test.record"
Staff = Callable[..., User]


class Refused(BureauError):
    """What the effect of a proposal may raise."""

    code = "TEST_REFUSED"
    message = "no"


def close_online(proposal: Proposal, by: User, at: datetime) -> None:
    """The effect: the region's online payment is closed, unless the proposal says that it cannot be."""
    region = Region.objects.get(pk=proposal.subject_id)
    region.online_enabled = False
    region.save(update_fields=["online_enabled"])
    if proposal.difference.get("impossible"):
        raise Refused()


def keep_online(proposal: Proposal, by: User, at: datetime) -> None:
    """The effect of a rejection: the region's name says so."""
    Region.objects.filter(pk=proposal.subject_id).update(name="贵港市 (open)")


def record(proposal: Proposal, by: User, at: datetime) -> None:
    """The effect: a line in the export register."""
    ExportRecord.objects.create(user=by, at=at, what="decided")


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """Kinds of proposals that only these tests know."""
    before = dict(proposals._kinds)
    proposals.register(proposals.Kind(CODE, "close", "batch.release", close_online, keep_online))
    proposals.register(proposals.Kind(OTHER, "other", "file.requeue", close_online))
    proposals.register(proposals.Kind(RECORD, "record", "batch.release", record))
    yield
    proposals._kinds.clear()
    proposals._kinds.update(before)


def propose(by: User, at: datetime, **changes: Any) -> Proposal:
    """Somebody proposes to close online payment in Guigang."""
    values: dict[str, Any] = {
        "kind": CODE,
        "subject": Region.objects.get(pk=GUIGANG),
        "region_id": GUIGANG,
        "title": "close",
        "difference": {"online_enabled": [True, False]},
        "by": by,
        "at": at,
    }
    return proposals.propose(**(values | changes))


def review(proposal: Proposal, by: User, at: datetime, approve: bool = True, reason: str = "") -> Proposal:
    """Somebody decides it."""
    return proposals.review(proposal_id=proposal.pk, approve=approve, reason=reason, by=by, at=at)


def untouched(proposal: Proposal) -> bool:
    """Whether nothing was decided and nothing happened."""
    now = Proposal.objects.get(pk=proposal.pk)
    region = Region.objects.get(pk=GUIGANG)
    return (now.state, now.reviewed_by_id, now.reviewed_at, now.review_reason, region.online_enabled) == (
        "OPEN",
        None,
        None,
        "",
        True,
    )


def test_a_second_person_approves_and_it_happens(db: None, staff: Staff, at: datetime) -> None:
    maker, reviewer = staff("clerk"), staff("supervisor")
    proposal = propose(maker, at)
    assert untouched(proposal)
    decided = review(proposal, reviewer, at, reason="agreed")
    stored = Proposal.objects.get(pk=proposal.pk)
    assert (stored.state, stored.reviewed_by_id, stored.reviewed_at, stored.review_reason) == (
        "APPROVED",
        reviewer.pk,
        at,
        "agreed",
    )
    assert decided.state == "APPROVED"
    assert not Region.objects.get(pk=GUIGANG).online_enabled


def test_a_rejection_needs_a_reason_and_has_its_own_effect(db: None, staff: Staff, at: datetime) -> None:
    proposal, reviewer = propose(staff("clerk"), at), staff("supervisor")
    with pytest.raises(proposals.ReasonNeeded):
        review(proposal, reviewer, at, approve=False, reason="  ")
    assert untouched(proposal)
    review(proposal, reviewer, at, approve=False, reason="not now")
    region = Region.objects.get(pk=GUIGANG)
    assert (region.online_enabled, region.name) == (True, "贵港市 (open)")


def test_a_kind_without_an_effect_of_rejection_is_just_rejected(db: None, staff: Staff, at: datetime) -> None:
    proposal = propose(staff("clerk"), at, kind=OTHER)
    assert review(proposal, staff("supervisor"), at, approve=False, reason="no").state == "REJECTED"


@pytest.mark.parametrize("approve", [True, False])
def test_the_maker_decides_nothing(db: None, staff: Staff, at: datetime, approve: bool) -> None:
    maker = staff("supervisor")
    proposal = propose(maker, at)
    with pytest.raises(proposals.SecondPersonNeeded):
        review(proposal, maker, at, approve=approve, reason="mine")
    assert untouched(proposal)


@pytest.mark.parametrize("state", ["APPROVED", "REJECTED"])
def test_the_database_refuses_the_maker_too(db: None, staff: Staff, at: datetime, state: str) -> None:
    maker = staff("supervisor")
    proposal = propose(maker, at)
    change = Proposal.objects.filter(pk=proposal.pk)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        change.update(state=state, reviewed_by=maker, reviewed_at=at)
    assert "proposal_second_person" in str(caught.value)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        change.update(state=state)
    assert "proposal_review_evidence" in str(caught.value)


def test_one_open_proposal_per_subject(db: None, staff: Staff, at: datetime) -> None:
    maker, reviewer = staff("clerk"), staff("supervisor")
    first = propose(maker, at)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        propose(staff("clerk"), at)
    assert "proposal_one_open" in str(caught.value)
    other_kind = propose(maker, at, kind=OTHER)
    other_subject = propose(maker, at, subject=Region.objects.get(pk="510000"), region_id="510000")
    review(first, reviewer, at, approve=False, reason="no")
    again = propose(maker, at)
    assert len({first.pk, other_kind.pk, other_subject.pk, again.pk}) == 4


def test_an_effect_that_fails_takes_the_decision_back(db: None, staff: Staff, at: datetime) -> None:
    proposal = propose(staff("clerk"), at, difference={"impossible": True})
    with pytest.raises(Refused), transaction.atomic():
        review(proposal, staff("supervisor"), at)
    assert untouched(proposal)


def test_who_comes_second_hears_who_was_faster(db: None, staff: Staff, at: datetime) -> None:
    proposal = propose(staff("clerk"), at)
    first, second = staff("supervisor"), staff("supervisor")
    review(proposal, first, at)
    with pytest.raises(proposals.AlreadyDecided) as caught:
        review(proposal, second, at, approve=False, reason="too late")
    assert caught.value.params == {
        "who": first.username,
        "at": "2025-01-15T02:00:00+00:00",
        "state": "APPROVED",
    }
    assert Proposal.objects.get(pk=proposal.pk).reviewed_by_id == first.pk


def test_only_the_role_of_the_kind_decides(db: None, staff: Staff, at: datetime) -> None:
    proposal = propose(staff("clerk"), at)
    for role in ("clerk", "tax_officer", "auditor", "sysadmin"):
        with pytest.raises(access.NotAllowed):
            review(proposal, staff(role), at)
    assert untouched(proposal)
    mechanic = propose(staff("clerk"), at, kind=OTHER)
    assert review(mechanic, staff("sysadmin"), at).state == "APPROVED"


def test_another_region_does_not_even_see_it(db: None, staff: Staff, at: datetime) -> None:
    proposal = propose(staff("clerk"), at)
    with pytest.raises(access.OutOfScope):
        review(proposal, staff("supervisor", "510000"), at)
    with pytest.raises(access.OutOfScope):
        review(proposal, staff("clerk", "510000"), at)
    assert untouched(proposal)


@pytest.mark.parametrize("loss", ["role", "region", "log-in"])
def test_a_right_withdrawn_counts_at_once(db: None, staff: Staff, at: datetime, loss: str) -> None:
    """Between the page and the click: the object in hand still has the cached right."""
    proposal, reviewer = propose(staff("clerk"), at), staff("supervisor")
    assert access.may(reviewer, "batch.release")
    assert access.in_scope(reviewer, GUIGANG)
    if loss == "role":
        User.objects.get(pk=reviewer.pk).groups.clear()
    elif loss == "region":
        StaffRegion.objects.filter(user=reviewer).delete()
    else:
        User.objects.filter(pk=reviewer.pk).update(is_active=False)
    with pytest.raises(access.OutOfScope if loss == "region" else access.NotAllowed):
        review(proposal, reviewer, at)
    assert untouched(proposal)


def test_the_maker_withdraws(db: None, staff: Staff, at: datetime) -> None:
    maker, reviewer = staff("clerk"), staff("supervisor")
    proposal = propose(maker, at)
    with pytest.raises(access.NotAllowed):
        proposals.withdraw(proposal_id=proposal.pk, by=reviewer, at=at)
    assert proposals.withdraw(proposal_id=proposal.pk, by=maker, at=at).state == "WITHDRAWN"
    assert Region.objects.get(pk=GUIGANG).online_enabled
    for act in (
        lambda: proposals.withdraw(proposal_id=proposal.pk, by=maker, at=at),
        lambda: review(proposal, reviewer, at),
    ):
        with pytest.raises(proposals.AlreadyDecided):
            act()


def test_an_unknown_kind_is_neither_proposed_nor_decided(db: None, staff: Staff, at: datetime) -> None:
    maker = staff("clerk")
    with pytest.raises(proposals.UnknownKind):
        propose(maker, at, kind="test.nothing")
    proposal = propose(maker, at)
    del proposals._kinds[CODE]
    with pytest.raises(proposals.UnknownKind) as caught:
        review(proposal, staff("supervisor"), at)
    assert caught.value.code == "PROPOSAL_KIND_UNKNOWN"
    assert untouched(proposal)


def test_the_queue_shows_what_waits_for_me(db: None, staff: Staff, at: datetime) -> None:
    clerk, supervisor, neighbour = staff("clerk"), staff("supervisor"), staff("supervisor", "510000")
    county = propose(clerk, at, subject=Region.objects.get(pk="450802"), region_id="450802")
    mine = propose(supervisor, at)
    theirs = propose(clerk, at, subject=Region.objects.get(pk="510000"), region_id="510000")
    decided = propose(clerk, at, kind=OTHER)
    review(decided, supervisor, at)

    def queue(user: User) -> list[int]:
        return [proposal.pk for proposal in proposals.waiting_for(User.objects.get(pk=user.pk))]

    assert queue(supervisor) == [county.pk]
    assert queue(staff("supervisor")) == [county.pk, mine.pk]
    assert queue(neighbour) == [theirs.pk]
    assert queue(clerk) == []
    assert queue(staff("auditor")) == []


@pytest.mark.parametrize(("old", "new"), sorted(product(PROPOSAL_MOVES, repeat=2)))
def test_the_database_knows_the_moves(db: None, staff: Staff, at: datetime, old: str, new: str) -> None:
    maker, reviewer = staff("clerk"), staff("supervisor")
    evidence = {"reviewed_by": None, "reviewed_at": None}, {"reviewed_by": reviewer, "reviewed_at": at}
    proposal = propose(maker, at)
    if old != ProposalState.OPEN:
        Proposal.objects.filter(pk=proposal.pk).update(state=old, **evidence[1])
    change = Proposal.objects.filter(pk=proposal.pk)
    if new in PROPOSAL_MOVES[old] or new == old:
        change.update(state=new, **evidence[new != ProposalState.OPEN])
        assert change.get().state == new
        return
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        change.update(state=new, **evidence[new != ProposalState.OPEN])
    assert getattr(caught.value.__cause__, "sqlstate", None) == "BU002"


def test_decision_and_effect_say_who_and_why(db: None, staff: Staff, at: datetime) -> None:
    proposal, reviewer = propose(staff("clerk"), at), staff("supervisor")
    review(proposal, reviewer, at, reason="the county asked")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata ->> 'actor', c.metadata ->> 'why', (c.metadata ->> 'user')::bigint "
            "FROM bureau_proposalevent e JOIN pghistory_context c ON c.id = e.pgh_context_id "
            "WHERE e.pgh_obj_id = %s AND e.state = 'APPROVED' UNION ALL "
            "SELECT c.metadata ->> 'actor', c.metadata ->> 'why', (c.metadata ->> 'user')::bigint "
            "FROM bureau_regionevent e JOIN pghistory_context c ON c.id = e.pgh_context_id "
            "WHERE e.pgh_obj_id = %s AND NOT e.online_enabled",
            [proposal.pk, GUIGANG],
        )
        assert cursor.fetchall() == [(reviewer.username, "the county asked", reviewer.pk)] * 2


def test_a_proposal_says_who_made_it_and_why(db: None, staff: Staff, at: datetime) -> None:
    maker = staff("clerk")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
        proposal = propose(maker, at, reason="the county asked")
        cursor.execute(
            "SELECT c.metadata ->> 'actor', c.metadata ->> 'why' FROM bureau_proposalevent e "
            "LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_obj_id = %s",
            [proposal.pk],
        )
        assert cursor.fetchall() == [(maker.username, "the county asked")]


def test_of_several_at_once_one_decides(committed: None, staff: Staff, at: datetime) -> None:
    proposal = propose(staff("clerk"), at, kind=RECORD)
    reviewers = [staff("supervisor") for _ in range(4)]
    gate, outcomes = threading.Barrier(len(reviewers)), []

    def decide(reviewer: User) -> None:
        try:
            gate.wait(timeout=10)
            outcomes.append(review(proposal, reviewer, at).state)
        except BureauError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(reviewer,)) for reviewer in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["APPROVED", *["PROPOSAL_DECIDED"] * 3]
    assert ExportRecord.objects.count() == 1
