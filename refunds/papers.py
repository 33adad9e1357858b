"""Which papers a refund needs, by its reason, its applicant and its payee (design: domain 5.3)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from enrollment.choices import RefundReason


class Paper(StrEnum):
    """Kinds of papers; the words of attachments (at most 20 characters)."""

    ID_FRONT = "ID_FRONT"
    ID_BACK = "ID_BACK"
    BANK_CARD = "BANK_CARD"
    FORM = "FORM"
    HOUSEHOLD_BOOK = "HOUSEHOLD_BOOK"
    AGENT_ID = "AGENT_ID"
    DEATH_PROOF = "DEATH_PROOF"
    KINSHIP = "KINSHIP"
    EMPLOYEE_COVER = "EMPLOYEE_COVER"
    OTHER_COVER = "OTHER_COVER"
    CORRECTION = "CORRECTION"
    SCHOOL = "SCHOOL"
    ENLISTMENT = "ENLISTMENT"
    EMIGRATION = "EMIGRATION"
    JUDGMENT = "JUDGMENT"
    OTHER = "OTHER"


class Applicant(StrEnum):
    """Who asks: the insured, a guardian, an heir, an agent; BUREAU where the system found it and nobody asked."""

    SELF = "SELF"
    GUARDIAN = "GUARDIAN"
    HEIR = "HEIR"
    AGENT = "AGENT"
    BUREAU = "BUREAU"


PROOFS: dict[RefundReason, Paper] = {
    RefundReason.DEATH: Paper.DEATH_PROOF,
    RefundReason.EMPLOYEE: Paper.EMPLOYEE_COVER,
    RefundReason.OTHER_REGION: Paper.OTHER_COVER,
    RefundReason.CLERK_ERROR: Paper.CORRECTION,
    RefundReason.STUDENT: Paper.SCHOOL,
    RefundReason.ARMY: Paper.ENLISTMENT,
    RefundReason.EMIGRATE: Paper.EMIGRATION,
    RefundReason.PRISON: Paper.JUDGMENT,
}
#: What the bureau finds in its own books needs no paper of the citizen's.
FOUND = frozenset({RefundReason.DUP_PAY, RefundReason.AID_DIFF, RefundReason.EMPLOYEE})


def needed(
    *, reason: RefundReason, applicant: Applicant, account_known: bool, in_register: bool
) -> tuple[Paper, ...]:
    """The papers a case needs before it is looked at, in the order in which people ask for them.

    ``account_known``: the money goes back where it came from, no bank card is needed; ``in_register``: the register
    itself proves the reason (a death, a spell of employee cover, an aid list).
    """
    if applicant == Applicant.BUREAU:
        return () if in_register or reason in FOUND else _proof(reason, in_register=in_register)
    papers = [Paper.ID_FRONT, Paper.ID_BACK, Paper.FORM]
    if not account_known:
        papers.append(Paper.BANK_CARD)
    if applicant == Applicant.GUARDIAN:
        papers.append(Paper.HOUSEHOLD_BOOK)
    if applicant == Applicant.AGENT:
        papers.append(Paper.AGENT_ID)
    if applicant == Applicant.HEIR:
        papers.append(Paper.KINSHIP)
    return (*papers, *_proof(reason, in_register=in_register))


def _proof(reason: RefundReason, *, in_register: bool) -> tuple[Paper, ...]:
    proof = PROOFS.get(reason)
    return () if proof is None or in_register else (proof,)


def missing(wanted: Collection[Paper], held: Collection[str]) -> list[Paper]:
    """The papers of ``wanted`` that are not among ``held``; a household book stands for both sides of an ID card."""
    have = {str(kind) for kind in held}
    if Paper.HOUSEHOLD_BOOK in have:
        have |= {Paper.ID_FRONT, Paper.ID_BACK}
    return [paper for paper in wanted if paper not in have]
