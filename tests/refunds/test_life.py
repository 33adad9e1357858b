"""The whole life of refunds as a state machine: any order of submitting, returning, signing, paying, bouncing, correcting,
withdrawing, swapping; after each step every invariant holds, and no yuan goes back twice. LIFE_EXAMPLES and LIFE_STEPS set how
far it goes (200 and 50 in the benchmark and the nightly run).
"""

import io
import os
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.db import transaction
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
from payments.services import swaps
from refunds.models import PayoutAnswer, PayoutBatch, RefundCandidate, RefundCase, RefundStep
from refunds.services import accounts, answers, candidates, filing, payouts, signing
from refunds.states import CaseState
from tests.refunds import refundkit
from tests.refunds.answering import answer
from tests.refunds.refundkit import AT, form_for, paid, paid_twice

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "2"))
STEPS = int(os.environ.get("LIFE_STEPS", "12"))
MANY = 100
"""From so many lives on every turn that a case can take is taken."""
MOST_CASES = 8
REACHED: Counter[str] = Counter()
REASONS = (RefundReason.CLERK_ERROR, RefundReason.GRADE, RefundReason.BANK_ERROR, RefundReason.VOLUNTARY)


class Life(RuleBasedStateMachine):
    """A small town with two double payers and two payers."""

    def __init__(self) -> None:
        super().__init__()
        self.atom = transaction.atomic()
        self.atom.__enter__()
        self.at = AT
        self.files, self.changed = 0, True
        self.desk = refundkit.desk()
        self.doubles = paid_twice(self.desk, 2)
        self.payments = paid(self.desk, 2)

    def teardown(self) -> None:
        REACHED.update(RefundStep.objects.values_list("to_state", flat=True))
        transaction.set_rollback(True)
        self.atom.__exit__(None, None, None)

    def _try(self, call: Any) -> Any:
        """A refusal by name leaves everything as it was."""
        self.at += timedelta(minutes=1)
        try:
            with transaction.atomic():
                done = call()
        except BureauError:
            return None
        self.changed = True
        return done

    def cases(self, *states: str) -> list[str]:
        """The states of the cases, or those among ``states``: only rules that have something to do are chosen."""
        known = list(RefundCase.objects.values_list("state", flat=True))
        return [state for state in known if state in states] if states else known

    def _case(self, nth: int, *states: str) -> RefundCase | None:
        cases = list(RefundCase.objects.filter(state__in=states).order_by("pk"))
        return cases[nth % len(cases)] if cases else None

    @precondition(lambda self: len(self.cases()) < MOST_CASES)
    @rule(nth=st.integers(0, 3), reason=st.sampled_from(REASONS))
    def open_one(self, nth: int, reason: RefundReason) -> None:
        row = [*self.doubles, *self.payments][nth]
        form = form_for(row, RefundReason.DUP_PAY if nth < 2 else reason)
        case = self._try(lambda: filing.draft(form=form, by=self.desk.clerk, at=self.at))
        if case is not None:
            refundkit.with_papers(case, self.desk.clerk)

    @precondition(lambda self: self.cases("DRAFT", "RETURNED"))
    @rule(nth=st.integers(0, 9))
    def submit(self, nth: int) -> None:
        case = self._case(nth, "DRAFT", "RETURNED")
        if case is not None:
            self._try(lambda: filing.submit(case_id=case.pk, by=self.desk.clerk, at=self.at))

    @rule()
    def find(self) -> None:
        self._try(lambda: candidates.find(region_id=refundkit.REGION, year=2025, at=self.at))
        ids = list(RefundCandidate.objects.filter(state="OPEN").values_list("pk", flat=True))
        self._try(lambda: candidates.make_cases(candidate_ids=ids[:1], by=self.desk.clerk, at=self.at))

    @precondition(lambda self: self.cases("SUBMITTED"))
    @rule(nth=st.integers(0, 9), yuan=st.sampled_from(["70.00", "400.00", "500.00"]))
    def review(self, nth: int, yuan: str) -> None:
        case = self._case(nth, "SUBMITTED")
        if case is not None:
            amounts = {case.pk: Decimal(yuan)}
            by_hand = amounts if case.reason == "GRADE" else {}
            self._try(
                lambda: signing.review(
                    case_ids=[case.pk], amounts=by_hand, by=self.desk.supervisor, at=self.at
                ).one()
            )

    @precondition(lambda self: self.cases("SUBMITTED"))
    @rule(nth=st.integers(0, 9), away=st.booleans())
    def turn_down(self, nth: int, away: bool) -> None:
        case = self._case(nth, "SUBMITTED")
        if case is not None:
            call = signing.reject if away else signing.send_back
            self._try(
                lambda: call(case_ids=[case.pk], words="材料不全", by=self.desk.supervisor, at=self.at).one()
            )

    @precondition(lambda self: self.cases("SUBMITTED", "BUREAU_APPROVED"))
    @rule(nth=st.integers(0, 9))
    def withdraw(self, nth: int) -> None:
        case = self._case(nth, "DRAFT", "SUBMITTED", "BUREAU_APPROVED", "TAX_APPROVED")
        if case is not None:
            self._try(
                lambda: filing.withdraw(case_id=case.pk, words="不退了", by=self.desk.clerk, at=self.at)
            )

    @precondition(lambda self: self.cases("BUREAU_APPROVED"))
    @rule(nth=st.integers(0, 9))
    def approve(self, nth: int) -> None:
        case = self._case(nth, "BUREAU_APPROVED")
        if case is not None:
            self._try(lambda: signing.approve(case_ids=[case.pk], by=self.desk.officer, at=self.at).one())

    @precondition(lambda self: self.cases("TAX_APPROVED"))
    @rule()
    def pay(self) -> None:
        where = {"route": "FUND_ACCOUNT", "region_id": refundkit.REGION, "bank": "103"}
        batch = self._try(lambda: payouts.freeze(**where, by=self.desk.payer_out, at=self.at))
        if batch is not None:
            payouts.release(batch_id=batch.pk, by=self.desk.releaser, at=self.at)

    @precondition(lambda self: self.cases("TAX_APPROVED"))
    @rule()
    def give_up_a_batch(self) -> None:
        where = {"route": "FUND_ACCOUNT", "region_id": refundkit.REGION, "bank": "103"}
        batch = self._try(lambda: payouts.freeze(**where, by=self.desk.payer_out, at=self.at))
        if batch is not None:
            payouts.drop(batch_id=batch.pk, words="银行维护", by=self.desk.payer_out, at=self.at)

    @precondition(lambda self: self.cases("BUREAU_APPROVED"))
    @rule(nth=st.integers(0, 9), away=st.booleans())
    def turn_down_at_the_tax_office(self, nth: int, away: bool) -> None:
        case = self._case(nth, "BUREAU_APPROVED")
        if case is not None:
            call = signing.reject if away else signing.send_back
            self._try(
                lambda: call(case_ids=[case.pk], words="未入库", by=self.desk.officer, at=self.at).one()
            )

    @precondition(lambda self: PayoutBatch.objects.exists())
    @rule(nth=st.integers(0, 9), code=st.sampled_from(["0000", "3031", "3024", "3019", "9876"]))
    def bank_says(self, nth: int, code: str) -> None:
        batches = list(PayoutBatch.objects.order_by("pk"))
        batch = batches[nth % len(batches)]
        self.files += 1
        content = answer(
            batch, {1: (code, "说明")}, processed_on=date(2025, 1, 21) + timedelta(days=self.files)
        )
        self._try(
            lambda: answers.receive(
                source=io.BytesIO(content),
                name=f"A{self.files}",
                digest=None,
                by=self.desk.payer_out,
                at=self.at,
            )
        )

    @precondition(lambda self: self.cases("PAY_FAILED"))
    @rule(nth=st.integers(0, 9))
    def correct(self, nth: int) -> None:
        case = self._case(nth, "PAY_FAILED")
        if case is not None:
            account = refundkit.account_of(case.person)
            row = self._try(
                lambda: accounts.correct(
                    case_id=case.pk, account=account, words="换卡", by=self.desk.clerk, at=self.at
                )
            )
            if row is not None:
                waiting = Proposal.objects.get(kind="refund.account", state="OPEN", subject_id=str(row.pk))
                self._try(
                    lambda: proposals.review(
                        proposal_id=waiting.pk, approve=True, reason="", by=self.desk.supervisor, at=self.at
                    )
                )

    @rule(nth=st.integers(0, 1))
    def swap(self, nth: int) -> None:
        double = self.doubles[nth]
        waiting = self._try(
            lambda: swaps.propose(duplicate_id=double.pk, reason="更早", by=self.desk.clerk, at=self.at)
        )
        if waiting is not None:
            self._try(
                lambda: proposals.review(
                    proposal_id=waiting.pk, approve=True, reason="", by=self.desk.supervisor, at=self.at
                )
            )

    @invariant()
    def nothing_twice(self) -> None:
        """The books, and no case with more paid answers than one that came back less; what a step left as it was still holds."""
        if not self.changed:
            return
        self.changed = False
        refundkit.books_green()
        for case in RefundCase.objects.all():
            said = PayoutAnswer.objects.filter(payout__case=case)
            live = said.filter(outcome="PAID").count() - said.filter(outcome="RETURNED").count()
            assert live == (case.state in ("PAID", "CLOSED"))


@pytest.mark.django_db
def test_the_whole_life(tmp_path: Path) -> None:
    with override_settings(MEDIA_ROOT=tmp_path, VAR_DIR=Path(mkdtemp(dir=tmp_path))):
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
        assert REACHED.keys() >= {*CaseState} - {
            "BUREAU_REVIEW",
            "TAX_REVIEW",
            "TREASURY_SENT",
            "CLOSED",
        }
