"""The papers of a refund: the application form 《城乡居民医疗保险费退费申请表》 and the decision in writing."""

from django.utils import translation
from django.utils.translation import gettext as _

from bureau.clock import day_of
from bureau.identity import mask_id
from bureau.money import ZERO, yuan
from bureau.printing import Paper
from refunds import words
from refunds.models import RefundCase
from refunds.states import CaseState


def application_form(case: RefundCase) -> bytes:
    """The form as it was taken down, to be signed by the applicant; ID numbers in full, for it is their own paper."""
    with translation.override("zh-hans"):
        account = case.accounts.order_by("-number").first()
        paper = Paper(
            _("Application for a refund of the resident medical insurance contribution"), case.number
        )
        paper.rows(
            [
                (_("Insured"), case.person.name),
                (_("ID number"), case.person.id_number),
                (_("Pooling region"), case.region.name),
                (_("Benefit year"), str(case.benefit_year)),
                (_("Reason"), str(case.get_reason_display())),
                (_("Date of the event"), case.event_date.isoformat() if case.event_date else ""),
                *_money_rows(case),
                (
                    _("Applicant"),
                    f"{case.applicant_name or case.person.name}（{case.get_applicant_display()}）",
                ),
                (_("Applicant's ID number"), case.applicant_number or case.person.id_number),
                (_("Phone"), case.applicant_phone),
                (_("Account holder"), account.holder if account else ""),
                (_("Account"), account.account if account else ""),
                (_("Opening bank"), account.bank_name if account else ""),
            ]
        )
        paper.text(_("I declare that what is said here is true, and ask that the contribution be refunded."))
        paper.signatures([_("Applicant (signature):"), _("Date:")])
        paper.signatures([_("Received by:"), _("Reviewed by:"), _("Tax office:")])
        return paper.output()


def decision_letter(case: RefundCase) -> bytes:
    """What was decided, by which rule, in words that the person understands."""
    with translation.override("zh-hans"):
        refused = case.state == CaseState.REJECTED
        title = _("Decision: no refund") if refused else _("Decision on a refund")
        paper = Paper(title, case.number)
        paper.rows(
            [
                (_("Insured"), case.person.name),
                (_("ID number"), mask_id(case.person.id_number)),
                (_("Reason"), str(case.get_reason_display())),
                (_("Applied on"), case.applied_on.isoformat()),
                *_money_rows(case),
            ]
        )
        if not refused:
            # A refusal says why in its own words: a rule's sentence stands in them, or a person's that overruled it.
            for line in case.lines.order_by("pk"):
                paper.text(line.explain_zh)
        paper.text(words.for_citizen(case))
        hotlines = " ".join(case.policy.values.hotlines)
        paper.text(_("Questions: %(hotlines)s") % {"hotlines": hotlines}, size=9)
        decided_at = case.ended_at if refused else case.approved_at
        date = f"{_('Date:')} {day_of(decided_at).isoformat()}" if decided_at else _("Date:")
        paper.signatures([case.region.name + _(" medical insurance bureau"), date])
        return paper.output()


def _money_rows(case: RefundCase) -> list[tuple[str, str]]:
    lines = list(case.lines.order_by("pk"))
    paid = "；".join(f"{line.paid_on.isoformat()} ¥{yuan(line.paid)}" for line in lines)
    amount = ZERO if case.state == CaseState.REJECTED else case.amount
    return [(_("Paid"), paid), (_("To be refunded"), f"¥{yuan(amount)}")]
