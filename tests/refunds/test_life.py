"""The whole life of refunds as a state machine: any order of submitting, returning, signing, paying, bouncing, correcting,
withdrawing, swapping a duplicate; after each step every invariant holds, and no yuan goes back twice. LIFE_EXAMPLES and
LIFE_STEPS set how far it goes (200 and 50 in the benchmark and the nightly run).

The town is built once and every life rolled back to it; the checks of the books are prepared once (tests/refunds/quickbooks.py).
"""

import io
import os
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bureau import proposals
from bureau.errors import BureauError
from bureau.models import Proposal
from enrollment.choices import RefundReason
from payments.models import DuplicatePayment, Payment
from payments.services import books, swaps
from refunds.models import PayoutBatch, RefundCandidate, RefundCase, RefundStep
from refunds.services import accounts, answers, candidates, clocks, filing, payouts, signing
from refunds.states import CaseState
from tests.refunds import lifeworld, quickbooks, refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import form_for

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "2"))
STEPS = int(os.environ.get("LIFE_STEPS", "12"))
MOSTLY = 15
MANY = 100
"""From so many lives on every turn that a case can take is taken."""
MOST_CASES, MOST_TAKEN_BACK, MOST_MONTHS = 12, 2, 3
REACHED: Counter[str] = Counter()
TURNS = (
    "a swap",
    "a swap after a case",
    "a case after a swap",
    "paid again after a refund",
)
REASONS = (RefundReason.CLERK_ERROR, RefundReason.GRADE, RefundReason.BANK_ERROR, RefundReason.VOLUNTARY)
SAYINGS = {
    "paid": (("0000", "交易成功"), ("90000", "处理成功")),
    "account closed": (("3018", "已清户"), ("24002", "收款账户已销户")),
    "name differs": (("3031", "账号户名不符"), ("24002", "户名不符")),
    "in work": (("3024", "处理中"), ("94999", "")),
    "sent back": (("3019", "退票"), ("1021", "退回")),
    "nobody knows": (("9876", "说明"), ("98765", "说明")),
}
NEXT = {
    "DRAFT": "_submit",
    "RETURNED": "_submit",
    "SUBMITTED": "_review",
    "BUREAU_REVIEW": "_review",
    "BUREAU_APPROVED": "_approve",
    "TAX_REVIEW": "_approve",
    "TAX_APPROVED": "_pay",
    "TREASURY_SENT": "_answer",
    "FUND_PAYMENT": "_answer",
}
_LIVE_SAYS = """
SELECT c.number FROM refunds_refundcase c
  LEFT JOIN (SELECT l.case_id, count(*) FILTER (WHERE a.outcome = 'PAID') - count(*) FILTER (WHERE a.outcome = 'RETURNED') AS live
               FROM refunds_payoutline l JOIN refunds_payoutanswer a ON a.payout_id = l.id GROUP BY l.case_id) s
    ON s.case_id = c.id
 WHERE coalesce(s.live, 0) <> CASE WHEN c.state = 'PAID' OR (c.state = 'CLOSED' AND c.payout_by_id IS NOT NULL) THEN 1 ELSE 0 END
"""


def _way() -> Any:
    """The next step of a case on the way to its money; three such rules, or a life would rarely get there."""

    def go_on(self: Any, nth: int) -> None:
        case = self._case(nth, *NEXT)
        getattr(self, NEXT[case.state])(case)

    return precondition(lambda self: self.cases(*NEXT))(rule(nth=st.integers(0, 9))(go_on))


class Life(RuleBasedStateMachine):
    """A small town with three double payers, one of whom paid by phone twice, and others who paid once."""

    town: ClassVar[lifeworld.Town]

    def __init__(self) -> None:
        super().__init__()
        self.desk = self.town.desk
        self.atom = transaction.atomic()
        self.atom.__enter__()
        self.at = refundkit.AT
        self.files, self.taken, self.months = 0, 0, 0
        self._look()

    def teardown(self) -> None:
        REACHED.update(RefundStep.objects.values_list("to_state", flat=True))
        REACHED.update(lifeworld.turns_taken())
        transaction.set_rollback(True)
        self.atom.__exit__(None, None, None)

    def _try(self, call: Callable[[], Any]) -> Any:
        """A refusal by name leaves everything as it was."""
        self.at += timedelta(minutes=1)
        try:
            with transaction.atomic():
                done = call()
        except BureauError:
            return None
        self._look()
        return done

    def _look(self) -> None:
        """What there is to do now: only rules that have something to do are chosen."""
        self.changed = self.unsearched = True
        self.now = lifeworld.look(swaps.KIND)

    def cases(self, *states: str) -> bool:
        """Whether a case is in one of these states."""
        return any(state in states for _key, state in self.now.known)

    def _case(self, nth: int, *states: str) -> RefundCase:
        keys = [key for key, state in self.now.known if state in states]
        return RefundCase.objects.get(pk=keys[nth % len(keys)])

    # ---------------------------------------------------------------- the clerk

    @precondition(lambda self: len(self.now.known) < MOST_CASES)
    @rule(nth=st.integers(0, 19), reason=st.sampled_from(REASONS))
    def open_one(self, nth: int, reason: RefundReason) -> None:
        rows = lifeworld.money(live=nth < MOSTLY)
        self._open(rows[nth % len(rows)], reason)

    @precondition(lambda self: len(self.now.known) < MOST_CASES)
    @rule(reason=st.sampled_from(REASONS))
    def open_one_of_the_treasury(self, reason: RefundReason) -> None:
        """Money in the treasury goes back another way; few lives would open its case by chance."""
        person = self.town.treasured
        if person.pk in self.now.carried:
            self._open(Payment.objects.filter(person=person).latest("pk"), reason)

    def _open(self, row: Payment | DuplicatePayment, reason: RefundReason) -> None:
        twice = isinstance(row, DuplicatePayment)
        account = refundkit.account_of(row.person)
        form = form_for(row, RefundReason.DUP_PAY if twice else reason, account=account)
        case = self._try(lambda: filing.draft(form=form, by=self.desk.clerk, at=self.at))
        if case is not None:
            lifeworld.bring_papers(case, self.desk.clerk, self.at)

    @precondition(lambda self: len(self.now.known) < MOST_CASES and self.unsearched)
    @rule()
    def find(self) -> None:
        self._try(lambda: candidates.find(region_id=refundkit.REGION, year=2025, at=self.at))
        ids = list(RefundCandidate.objects.filter(state="OPEN").order_by("pk").values_list("pk", flat=True))
        if ids:
            self._try(lambda: candidates.make_cases(candidate_ids=ids[:1], by=self.desk.clerk, at=self.at))
        self.unsearched = False

    @precondition(lambda self: self.cases(*filing.WITHDRAWABLE))
    @rule(nth=st.integers(0, 9))
    def withdraw(self, nth: int) -> None:
        case = self._case(nth, *filing.WITHDRAWABLE)
        self._try(lambda: filing.withdraw(case_id=case.pk, words="不退了", by=self.desk.clerk, at=self.at))

    @precondition(lambda self: self.cases("PAY_FAILED"))
    @rule(nth=st.integers(0, 9))
    def correct(self, nth: int) -> None:
        case = self._case(nth, "PAY_FAILED")
        account = refundkit.account_of(case.person)
        wish = {"case_id": case.pk, "account": account, "words": "换卡", "by": self.desk.clerk}
        if self._try(lambda: accounts.correct(**wish, at=self.at)) is not None:
            waiting = Proposal.objects.filter(kind=accounts.KIND, state="OPEN").latest("pk")
            self._second_person(waiting.pk, approve=True)

    # ---------------------------------------------------------------- the desks

    go_on, go_further, and_further = _way(), _way(), _way()

    def _submit(self, case: RefundCase) -> None:
        self._try(lambda: filing.submit(case_id=case.pk, by=self.desk.clerk, at=self.at))

    def _review(self, case: RefundCase) -> None:
        by_hand = {case.pk: case.amount} if case.reason == "GRADE" else {}
        wish = {"case_ids": [case.pk], "amounts": by_hand, "by": self.desk.supervisor}
        self._try(lambda: signing.review(**wish, at=self.at).one())

    def _approve(self, case: RefundCase) -> None:
        self._try(lambda: signing.approve(case_ids=[case.pk], by=self.desk.officer, at=self.at).one())

    def _pay(self, case: RefundCase) -> None:
        self._batch(case.route, let_go=True)

    def _answer(self, case: RefundCase) -> None:
        self._told(case.payouts.latest("pk").batch, {})

    @precondition(lambda self: self.cases("SUBMITTED", "BUREAU_REVIEW"))
    @rule(nth=st.integers(0, 9), yuan=st.sampled_from(["70.00", "400.00", "500.00"]))
    def review(self, nth: int, yuan: str) -> None:
        case = self._case(nth, "SUBMITTED", "BUREAU_REVIEW")
        by_hand = {case.pk: Decimal(yuan)} if case.reason == "GRADE" else {}
        wish = {"case_ids": [case.pk], "amounts": by_hand, "by": self.desk.supervisor}
        self._try(lambda: signing.review(**wish, at=self.at).one())

    @precondition(lambda self: self.cases("SUBMITTED", "BUREAU_APPROVED"))
    @rule(nth=st.integers(0, 9))
    def take(self, nth: int) -> None:
        case = self._case(nth, "SUBMITTED", "BUREAU_APPROVED")
        by = self.desk.supervisor if case.state == "SUBMITTED" else self.desk.officer
        self._try(lambda: signing.take(case_id=case.pk, by=by, at=self.at))

    @precondition(lambda self: self.cases("BUREAU_REVIEW", "TAX_REVIEW"))
    @rule(nth=st.integers(0, 9))
    def put_back(self, nth: int) -> None:
        case = self._case(nth, "BUREAU_REVIEW", "TAX_REVIEW")
        by = self.desk.supervisor if case.state == "BUREAU_REVIEW" else self.desk.officer
        self._try(lambda: signing.put_back(case_id=case.pk, by=by, at=self.at))

    @precondition(lambda self: self.cases("SUBMITTED", "BUREAU_REVIEW", "BUREAU_APPROVED", "TAX_REVIEW"))
    @rule(nth=st.integers(0, 9), what=st.sampled_from(["return", "reject", "again"]))
    def turn_down(self, nth: int, what: str) -> None:
        case = self._case(nth, "SUBMITTED", "BUREAU_REVIEW", "BUREAU_APPROVED", "TAX_REVIEW")
        bureau = case.state in ("SUBMITTED", "BUREAU_REVIEW")
        by = self.desk.supervisor if bureau else self.desk.officer
        if what == "again":
            self._try(lambda: signing.decide_again(case_id=case.pk, by=by, at=self.at))
        else:
            call = signing.reject if what == "reject" else signing.send_back
            self._try(lambda: call(case_ids=[case.pk], words="材料不全", by=by, at=self.at).one())

    # ---------------------------------------------------------------- money

    @precondition(lambda self: self.cases("TAX_APPROVED"))
    @rule(route=st.sampled_from(["FUND_ACCOUNT", "FUND_ACCOUNT", "TREASURY"]), let_go=st.booleans())
    def pay(self, route: str, let_go: bool) -> None:
        self._batch(route, let_go=let_go)

    def _batch(self, route: str, *, let_go: bool) -> None:
        bank = "103" if route == "FUND_ACCOUNT" else ""
        where = {"route": route, "region_id": refundkit.REGION, "bank": bank, "by": self.desk.payer_out}
        batch = self._try(lambda: payouts.freeze(**where, at=self.at))
        if batch is None:
            return
        if let_go:
            self._try(lambda: payouts.release(batch_id=batch.pk, by=self.desk.releaser, at=self.at))
        else:
            wish = {"batch_id": batch.pk, "words": "银行维护", "by": self.desk.payer_out}
            self._try(lambda: payouts.drop(**wish, at=self.at))

    @precondition(lambda self: self.now.batches)
    @rule(nth=st.integers(0, 9), line=st.integers(0, 9), says=st.sampled_from(sorted(SAYINGS)))
    def bank_says(self, nth: int, line: int, says: str) -> None:
        batch = PayoutBatch.objects.get(pk=self.now.batches[nth % len(self.now.batches)])
        self._told(batch, {line % batch.lines + 1: SAYINGS[says][0 if batch.bank_id else 1]})

    def _told(self, batch: PayoutBatch, said: dict[int, tuple[str, str]]) -> None:
        self.files += 1
        content = answer(batch, said, processed_on=date(2025, 1, 21) + timedelta(days=self.files))
        wish = {"name": f"A{self.files}", "digest": None, "by": self.desk.payer_out}
        self._try(lambda: answers.receive(source=io.BytesIO(content), **wish, at=self.at))

    @precondition(lambda self: self.now.held)
    @rule(nth=st.integers(0, 9), let_in=st.booleans())
    def look_at_a_held_answer(self, nth: int, let_in: bool) -> None:
        wish = {"file_id": self.now.held[nth % len(self.now.held)], "approve": let_in, "words": "已核对"}
        self._try(lambda: answers.decide_held(**wish, by=self.desk.releaser, at=self.at))

    @precondition(lambda self: self.cases("PAID") and self.months < MOST_MONTHS)
    @rule()
    def a_month_goes_by(self) -> None:
        self.months += 1
        self.at += timedelta(days=31)
        self._try(lambda: clocks.tick(at=self.at))

    @precondition(lambda self: len(self.now.carried) < len(self.town.people))
    @rule(nth=st.integers(0, 5))
    def pay_the_year_again(self, nth: int) -> None:
        """Refund first, then pay again: where nothing carries the year any more."""
        unpaid = [person for person in self.town.people if person.pk not in self.now.carried]
        person = unpaid[nth % len(unpaid)]
        self._try(lambda: lifeworld.pay_again(person, self.at))

    @precondition(lambda self: self.taken < MOST_TAKEN_BACK)
    @rule(who=st.integers(0, 5), nth=st.integers(0, 9))
    def channel_takes_back(self, who: int, nth: int) -> None:
        """The channel's own reversal, at any time: what waits for a signature then ends by itself."""
        self.taken += 1
        person = self.town.people[who]
        if self._try(lambda: lifeworld.taken_back(person, nth=nth)) is not None:
            self._try(lambda: clocks.tick(at=self.at))

    # ---------------------------------------------------------------- swaps

    @precondition(lambda self: self.now.doubles and len(self.now.waiting) < len(self.now.doubles))
    @rule(nth=st.integers(0, 9))
    def propose_a_swap(self, nth: int) -> None:
        """Where nothing carries the year any more, the duplicate may do so alone."""
        doubles = self.now.alone or self.now.doubles
        wish = {"duplicate_id": doubles[nth % len(doubles)], "reason": "更早", "by": self.desk.clerk}
        self._try(lambda: swaps.propose(**wish, at=self.at))

    @precondition(lambda self: self.now.waiting)
    @rule(nth=st.integers(0, 9), approve=st.sampled_from([True, True, False]))
    def decide_a_swap(self, nth: int, approve: bool) -> None:
        self._second_person(self.now.waiting[nth % len(self.now.waiting)], approve=approve)

    def _second_person(self, waiting: int, *, approve: bool) -> None:
        wish = {"proposal_id": waiting, "approve": approve, "reason": "不换", "by": self.desk.supervisor}
        self._try(lambda: proposals.review(**wish, at=self.at))

    @invariant()
    def nothing_twice(self) -> None:
        """The books, and no case with more paid answers than one that came back less; what a step left as it was still holds."""
        if not self.changed:
            return
        self.changed = False
        quickbooks.green()
        with connection.cursor() as cursor:
            cursor.execute(_LIVE_SAYS)
            assert not (told := cursor.fetchall()), told


@pytest.mark.django_db
def test_the_whole_life(tmp_path: Path) -> None:
    with override_settings(MEDIA_ROOT=tmp_path, VAR_DIR=Path(mkdtemp(dir=tmp_path))):
        quickbooks.shrink(near=refundkit.REGION[:2], years=(2024, 2026))
        Life.town = lifeworld.build()
        assert quickbooks.prepare() == len({check.code for check in books.known_checks()})
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    if EXAMPLES >= MANY:
        assert REACHED.keys() >= {*CaseState, *TURNS}, REACHED
