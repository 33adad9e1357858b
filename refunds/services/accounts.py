"""The payee's account corrected after a failure: written by one person, confirmed by another, taken by the next batch."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bureau import access, attachments, audit, proposals
from bureau.models import Proposal, User
from refunds.models import PayeeAccount, RefundCase
from refunds.services import filing, payees, steps
from refunds.services.facts import Account
from refunds.states import CaseState

KIND = "refund.account"
CONFIRM = "refund.review"
REGISTERED_FOR = "refund.view"


def current(case: RefundCase) -> PayeeAccount | None:
    """The latest confirmed account of a case."""
    return case.accounts.filter(confirmed_by__isnull=False).order_by("-number").first()


def correct(*, case_id: int, account: Account, words: str, by: User, at: datetime) -> PayeeAccount:
    """Write down the right account of a case whose payout failed, or whose account is still missing; where the payout
    failed a second person confirms it.

    Raises CaseUnknown, CaseMoved, AccountFormat, AccountNotAllowed, ReasonNeeded, NotAllowed, OutOfScope.
    """
    reason = steps.words_of(words)
    with transaction.atomic(), audit.acting(by=by, why=reason, case=case_id):
        (case,), _lines = steps.locked([case_id], by)
        access.require(by, filing.REQUEST, case.region_id)
        steps.check_state(
            case, [CaseState.DRAFT, CaseState.SUBMITTED, CaseState.RETURNED, CaseState.PAY_FAILED]
        )
        payees.check_account(case, account)
        failed = case.state == CaseState.PAY_FAILED
        source = PayeeAccount.Source.CORRECTED if failed else PayeeAccount.Source.APPLICANT
        row = payees.add_account(case, account, source, by, at)
        if failed:
            proposals.propose(
                kind=KIND,
                subject=row,
                region_id=case.region_id,
                title=f"{case.number} {account.holder}",
                difference={
                    "refund_case": case.number,
                    "holder": account.holder,
                    "account_end": row.account[-4:],
                    "bank_name": account.bank_name,
                },
                reason=reason,
                by=by,
                at=at,
            )
        return row


def _confirm(proposal: Proposal, by: User, at: datetime) -> None:
    """The account counts, and the case waits for the next batch."""
    row = PayeeAccount.objects.select_for_update(of=("self",)).get(pk=int(proposal.subject_id))
    (case,), _lines = steps.locked([row.case_id], None)
    steps.check_state(case, [CaseState.PAY_FAILED])
    row.confirmed_by, row.confirmed_at = by, at
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    steps.move([case], CaseState.TAX_APPROVED, by=by, at=at, details={"account": row.number})


proposals.register(proposals.Kind(KIND, _("account for a refund"), CONFIRM, _confirm))
attachments.register("refunds.refundcase", REGISTERED_FOR)
