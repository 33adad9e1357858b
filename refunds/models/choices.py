"""The vocabularies of refunds with their words."""

from django.utils.translation import gettext_lazy as _

from enrollment.choices import RefundReason
from refunds.papers import Applicant, Paper
from refunds.states import CaseState, PayoutState

_R = RefundReason
REASONS = [
    (_R.DUP_PAY.value, _("paid twice")),
    (_R.EMPLOYEE.value, _("joined the employee scheme")),
    (_R.OTHER_REGION.value, _("insured in another region")),
    (_R.DEATH.value, _("death")),
    (_R.AID_DIFF.value, _("aid recognised after paying")),
    (_R.CLERK_ERROR.value, _("mistake of the office")),
    (_R.BANK_ERROR.value, _("mistake of the bank")),
    (_R.GRADE.value, _("another grade")),
    (_R.STUDENT.value, _("paid at school and at home")),
    (_R.ARMY.value, _("joined the army")),
    (_R.EMIGRATE.value, _("emigrated or moved away")),
    (_R.PRISON.value, _("in prison")),
    (_R.LATE_MISTAKE.value, _("paid by mistake after the last day")),
    (_R.VOLUNTARY.value, _("does not want to be insured")),
]
ORIGINS = [
    ("COUNTER", _("at the counter")),
    ("FOUND", _("found by the system")),
    ("PARTNER", _("through a partner")),
]
APPLICANTS = [
    (Applicant.SELF.value, _("the insured")),
    (Applicant.GUARDIAN.value, _("the guardian")),
    (Applicant.HEIR.value, _("an heir")),
    (Applicant.AGENT.value, _("an agent")),
    (Applicant.BUREAU.value, _("the bureau itself")),
]
PAYEES = [
    ("PAYER", _("the payer")),
    ("HEIR", _("the heir")),
    ("MEDICAL_ACCOUNT", _("the medical account it came from")),
]
TREASURY, FUND_ACCOUNT, ORIGINAL_PATH = "TREASURY", "FUND_ACCOUNT", "ORIGINAL_PATH"
ROUTES = [
    (TREASURY, _("from the treasury")),
    (FUND_ACCOUNT, _("from the fund account")),
    (ORIGINAL_PATH, _("taken back by the channel")),
]
_S = CaseState
STATES = [
    (_S.DRAFT.value, _("draft")),
    (_S.SUBMITTED.value, _("waits for review")),
    (_S.RETURNED.value, _("papers missing")),
    (_S.BUREAU_REVIEW.value, _("being reviewed")),
    (_S.BUREAU_APPROVED.value, _("waits for the tax office")),
    (_S.TAX_REVIEW.value, _("being checked by the tax office")),
    (_S.TAX_APPROVED.value, _("approved, to be paid out")),
    (_S.TREASURY_SENT.value, _("with the treasury")),
    (_S.FUND_PAYMENT.value, _("with the bank")),
    (_S.PAY_FAILED.value, _("payout failed")),
    (_S.PAID.value, _("paid out")),
    (_S.CLOSED.value, _("closed")),
    (_S.REJECTED.value, _("refused")),
    (_S.WITHDRAWN.value, _("withdrawn")),
]
_P = Paper
PAPERS = {
    _P.ID_FRONT: _("ID card, front"),
    _P.ID_BACK: _("ID card, back"),
    _P.BANK_CARD: _("bank card with the branch's name"),
    _P.FORM: _("signed application form"),
    _P.HOUSEHOLD_BOOK: _("household book"),
    _P.AGENT_ID: _("agent's ID card"),
    _P.DEATH_PROOF: _("certificate of death or cremation"),
    _P.KINSHIP: _("proof of kinship"),
    _P.EMPLOYEE_COVER: _("proof of employee cover"),
    _P.OTHER_COVER: _("proof of cover in another region"),
    _P.CORRECTION: _("correction form"),
    _P.SCHOOL: _("proof of enrolment at school"),
    _P.ENLISTMENT: _("enlistment notice"),
    _P.EMIGRATION: _("passport or household record"),
    _P.JUDGMENT: _("judgment"),
    _P.OTHER: _("other paper"),
}
PAYOUT_STATES = {
    PayoutState.FROZEN.value: _("frozen"),
    PayoutState.RELEASED.value: _("released"),
    PayoutState.DROPPED.value: _("dropped"),
}
LEFT_OUT = {
    "SIGNED_BY_YOU": _("signed by you"),
    "NO_ACCOUNT": _("without a confirmed account"),
    "NO_TAX_NUMBER": _("without the treasury's voucher"),
    "NOT_WRITABLE": _("with values that the file cannot hold"),
}
"""Why an approved case stays out of a batch."""
