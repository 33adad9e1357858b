"""What the page of a refund case shows: its facts, the money picture, the other half, the timeline."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bureau.identity import mask_id
from bureau.pages import NOTHING, RIGHT, Column, Fact, Table, day, link, moment, money
from refunds import words
from refunds.models import PayeeAccount, RefundCase, RefundLine, RefundReminder, RefundStep
from refunds.services import looking


def name_of(user: Any) -> str:
    """A colleague's name."""
    return (user.get_full_name() or user.username) if user else NOTHING


def facts_of(
    case: RefundCase,
    lines: Sequence[RefundLine],
    account: PayeeAccount | None,
    *,
    in_full: bool,
    looks_up: bool,
) -> list[Fact]:
    """Everything that its form and its register say; the account in full only for who signs."""
    person = case.person
    who = link(person.name, reverse("desk:person", args=[person.pk])) if looks_up else person.name
    facts = [
        Fact(_("insured"), who),
        Fact(_("ID number"), mask_id(person.id_number)),
        Fact(_("pooling region"), case.region.name),
        Fact(_("benefit year"), case.benefit_year),
        Fact(_("reason"), case.get_reason_display()),
        Fact(_("date of the event"), day(case.event_date)),
        Fact(_("came by"), case.get_origin_display()),
        Fact(_("applicant is"), case.get_applicant_display()),
        Fact(_("applied on"), day(case.applied_on)),
        Fact(_("target"), day(case.target_on)),
        Fact(_("hard limit"), day(case.limit_on)),
        Fact(_("rule"), "、".join(dict.fromkeys(words.rule_name(line.rule) for line in lines))),
        Fact(_("policy version"), f"{case.policy.region_id} · {case.policy.version}"),
        Fact(_("payee"), case.get_payee_display() or NOTHING),
        Fact(_("route"), case.get_route_display() or NOTHING),
    ]
    if case.applicant_name:
        number = mask_id(case.applicant_number) if case.applicant_number else ""
        facts.append(
            Fact(
                _("applicant"),
                f"{case.applicant_name} {number} {case.applicant_phone}".strip(),
                wide=True,
            )
        )
    if account is not None:
        number = account.account if in_full else f"…{account.account[-4:]}"
        state = (
            _("confirmed by %(who)s") % {"who": name_of(account.confirmed_by)}
            if account.confirmed_by
            else _("not confirmed yet")
        )
        text = f"{account.holder} · {number} · {account.bank_name or account.get_source_display()} · {state}"
        facts.append(Fact(_("account"), text, wide=True))
    if case.note:
        facts.append(Fact(_("note"), case.note, wide=True))
    return facts


def money_table(lines: Sequence[RefundLine]) -> Table:
    """Paid, reserved, refunded, left, of each payment."""
    sums = looking.money_of(lines)
    several = len({line.person_id for line in lines}) > 1
    rows = []
    for line in lines:
        held = sums[line.pk]
        source = _("payment") if line.payment_id else _("duplicate payment")
        rows.append(
            [
                *([line.person.name] if several else []),
                f"{source} {line.payment_id or line.duplicate_id}",
                day(line.paid_on),
                money(line.paid),
                money(held.reserved),
                money(held.refunded),
                money(held.left),
                money(line.amount),
            ]
        )
    columns = [
        *([_("insured")] if several else []),
        _("payment"),
        _("payment date"),
        Column(_("paid"), RIGHT),
        Column(_("reserved"), RIGHT),
        Column(_("refunded"), RIGHT),
        Column(_("left"), RIGHT),
        Column(_("this case"), RIGHT),
    ]
    return Table(_("Money of this case"), columns, rows)


def second_half(case: RefundCase) -> list[Table]:
    """Refund first, then pay again: both halves in sight."""
    if case.again_receivable_id is None:
        return []
    paid = looking.paid_again(case)
    rows = [[str(one.pk), day(one.debited_on), money(one.amount), one.get_channel_display()] for one in paid]
    columns = [_("payment"), _("payment date"), Column(_("amount"), RIGHT), _("channel")]
    return [
        Table(
            _("Paid again"),
            columns,
            rows,
            _("Not paid again yet: the receivable opens when the refund is approved."),
        )
    ]


def _said(step: RefundStep) -> str:
    """Why, and which papers were asked for."""
    told, missing = words.said(step.words), step.details.get("missing")
    return f"{told}（{words.papers(missing)}）" if missing else told


def timeline(case: RefundCase) -> list[tuple[Any, str, str, str]]:
    """Every step: where to, when, by whom, why."""
    rows = RefundStep.objects.filter(case=case).select_related("by").order_by("number")
    return [
        (words.state_badge(step.to_state), moment(step.at), name_of(step.by), _said(step)) for step in rows
    ]


def reminders(case: RefundCase) -> list[Table]:
    """Which desk was reminded of it, of what, and when."""
    rows = [
        [row.get_kind_display(), words.state_badge(row.step), day(row.due_on), moment(row.reminded_at)]
        for row in RefundReminder.objects.filter(case=case).order_by("pk")
    ]
    columns = [_("reminder"), _("state"), _("due on"), _("reminded at")]
    return [Table(_("Reminders"), columns, rows)] if rows else []
