"""What the counter answers: when is this person covered who pays on a day, and is this person covered on a day.

The pages change nothing. Without a person they ask for a number, by POST; with one they are addresses that can be kept.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from bureau import access, clock, doors
from bureau.desk.person.page import visible
from bureau.desk.search import look_up, told
from bureau.errors import BureauError
from bureau.forms import DayField, DeskForm, YearField
from bureau.identity import mask_id
from bureau.pages import NOTHING, RIGHT, Column, Fact, Table, badge, day, link, money
from enrollment.models import Category, Person, Policy
from enrollment.policy import BenefitRatios
from enrollment.services import entitlement, whatif
from enrollment.whatif import Warn, Window, message, sentence, warning
from enrollment.words import RULES
from payments.models import Receivable
from payments.words import RECEIVABLE_STATES, state_badge

WINDOWS = {
    Window.NOT_OPEN: (gettext_lazy("window not open yet"), "warning"),
    Window.OPEN: (gettext_lazy("inside the window"), "success"),
    Window.LATE: (gettext_lazy("after the window"), "warning"),
    Window.CLOSED: (gettext_lazy("year closed"), "danger"),
}
STANDINGS = {
    "COVERED": (gettext_lazy("entitled to benefits"), "success"),
    "EMPLOYEE": (gettext_lazy("in employee cover"), "info"),
    "WAITING": (gettext_lazy("in the waiting period"), "warning"),
    "OVER": (gettext_lazy("cover is over"), "danger"),
    "WITHDRAWN": (gettext_lazy("no cover"), "danger"),
    "NOT_PAID": (gettext_lazy("nothing paid"), "danger"),
    "DECEASED": (gettext_lazy("deceased"), "danger"),
}
_GRAVE = frozenset({Warn.WAIT_PAST_YEAR_END, Warn.DECEASED, Warn.COVERED_ALREADY})


class NumberForm(DeskForm):
    """Whom to answer, and for which day."""

    text = forms.CharField(
        label=gettext_lazy("ID number"),
        max_length=60,
        help_text=gettext_lazy("Or last four places and name, a reference, a phone: whoever is meant alone."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    on = DayField(label=gettext_lazy("day"))


class WhatIfForm(forms.Form):
    """The day of payment, the benefit year and the years to repair."""

    on = DayField()
    year = YearField(required=False)
    repair = forms.IntegerField(required=False, min_value=0, max_value=99)


class DayForm(forms.Form):
    """The day asked about."""

    on = DayField()


def whatif_start(request: HttpRequest) -> HttpResponse:
    """Ask for a number and the day of payment."""
    return _ask(
        request,
        "desk:whatif_person",
        _("When is this person covered?"),
        _("First day of cover, waiting months and amount for a payment on a day; nothing is changed."),
    )


def entitlement_start(request: HttpRequest) -> HttpResponse:
    """Ask for a number and a day."""
    return _ask(
        request,
        "desk:entitlement_person",
        _("Is this person entitled to benefits?"),
        _("Covered or not on a day, why, since when and until when."),
    )


@sensitive_post_parameters("text")
@sensitive_variables("text", "form")
def _ask(request: HttpRequest, leads_to: str, title: str, help_text: str) -> HttpResponse:
    user = doors.me(request)
    if not access.may(user, "person.view"):
        raise PermissionDenied
    form = NumberForm(doors.sent(request), initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        find = look_up(user, form.cleaned_data["text"].strip())
        told(user, find.kind, find.people)
        if len(find.people) == 1:
            query = urlencode({"on": form.cleaned_data["on"].isoformat()})
            return HttpResponseRedirect(f"{reverse(leads_to, args=[find.people[0].pk])}?{query}")
        form.add_error(
            "text",
            _("Several people fit: please be more specific.")
            if find.people
            else _("Nobody in your regions has this number, name or reference."),
        )
        form.data = {"text": "", "on": request.POST.get("on", "")}
    context = {"form": form, "help_text": help_text, "submit_text": _("Answer")}
    return _draw(request, "desk/form.html", title, **context)


def _draw(request: HttpRequest, template: str, title: Any, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, "opts": Person._meta, **context})


def _person(request: HttpRequest, person_id: int) -> Person:
    """The person, 404 in other regions, 403 for roles that look nobody up."""
    user = doors.me(request)
    person = visible(user, person_id)
    if person is None:
        raise Http404
    if not access.may(user, "person.view") or request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    return person


def whatif_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """The answer for a person: what a payment on ``on`` brings in ``year`` with ``repair`` years repaired."""
    person = _person(request, person_id)
    form = WhatIfForm(request.GET)
    form.is_valid()
    asked_on = form.cleaned_data.get("on") or clock.today()
    year = form.cleaned_data.get("year")
    repair = form.cleaned_data.get("repair") or 0
    if year is None:
        year = whatif.usual_year(person_id=person.pk, on=asked_on)
    context: dict[str, Any] = {
        "person": person,
        "masked": mask_id(person.id_number),
        "on": asked_on,
        "year": year,
        "years": sorted(
            {
                asked_on.year,
                asked_on.year + 1,
                year,
                *Policy.objects.values_list("benefit_year", flat=True).distinct(),
            }
        ),
        "repair": repair,
    }
    asked = _attempt(
        context, lambda: whatif.ask(person_id=person.pk, year=year, pay_date=asked_on, repair_years=repair)
    )
    if asked is None and repair:
        context["repair"] = repair = 0
        asked = _attempt({}, lambda: whatif.ask(person_id=person.pk, year=year, pay_date=asked_on))
    if asked is not None:
        context |= _whatif_content(request, asked)
    return _draw(request, "desk/whatif.html", _("When covered? %(name)s") % {"name": person.name}, **context)


def _attempt(context: dict[str, Any], call: Callable[[], whatif.Asked]) -> whatif.Asked | None:
    try:
        return call()
    except BureauError as error:
        context["refusal"] = doors.words(error)
        return None


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def _whatif_content(request: HttpRequest, asked: whatif.Asked) -> dict[str, Any]:
    answer, decision, chinese = asked.answer, asked.answer.decision, _chinese()
    wait = _("no wait")
    if decision.wait_months:
        wait = _("%(months)s months") % {"months": decision.wait_months}
    label, tone = WINDOWS[answer.window]
    return {
        "asked": asked,
        "window": badge(label, tone),
        "sentence": sentence(answer, chinese=chinese),
        "message": message(answer, asked.person.name, chinese=chinese),
        "start": day(decision.start) if decision.start else _("no cover"),
        "end": day(decision.end),
        "alarm": decision.start is None,
        "wait": wait,
        "split": _("fixed %(fixed)s + variable %(variable)s")
        % {"fixed": decision.wait_fixed, "variable": decision.wait_variable},
        "amount": money(answer.due.amount),
        "warnings": [(warning(answer, one, chinese=chinese), one in _GRAVE) for one in answer.warnings],
        "facts": _facts(asked),
        "repairs": _repairs(asked),
        "choices": [row.years for row in answer.repairs],
        "assessed": _assessed(request, asked),
    }


def _facts(asked: whatif.Asked) -> list[Fact]:
    answer, terms = asked.answer, asked.answer.terms
    due = answer.due
    pay_days = _("any day")
    if terms.pay_day_from is not None:
        pay_days = _("day %(first)s to %(last)s of each month") % {
            "first": terms.pay_day_from,
            "last": terms.pay_day_to,
        }
    return [
        Fact(_("pooling region"), asked.region.name),
        Fact(_("window"), f"{day(terms.window_open)} – {day(terms.window_close)}"),
        Fact(_("last day to pay"), day(terms.last_pay_day)),
        Fact(_("pay days"), pay_days),
        Fact(_("price of the day"), money(due.standard) + (f" ({_('late price')})" if due.is_late else "")),
        Fact(_("aid"), f"{money(due.aid)} {_category(due.aid_category)}" if due.aid else NOTHING),
        Fact(_("rule"), RULES[answer.decision.rule]),
        Fact(_("policy"), f"{asked.policy.key} v{asked.policy.version}"),
    ]


def _category(code: str) -> str:
    return str(dict(Category.choices).get(code, code))


def _repairs(asked: whatif.Asked) -> Table | None:
    """What repairing more and more years costs and brings; None where there is nothing to repair."""
    answer = asked.answer
    if len(answer.repairs) == 1:
        return None
    address = reverse("desk:whatif_person", args=[asked.person.pk])
    rows = []
    for row in answer.repairs:
        query = urlencode(
            {
                "on": answer.pay_date.isoformat(),
                "year": str(answer.terms.benefit_year),
                "repair": str(row.years),
            }
        )
        decision = row.decision
        rows.append(
            [
                badge(row.years, "primary")
                if row.years == answer.chosen.years
                else link(row.years, f"{address}?{query}"),
                money(row.cost),
                money(answer.due.amount + row.cost),
                decision.wait_months,
                day(decision.start) if decision.start else badge(_("no cover"), "danger"),
            ]
        )
    columns = [
        _("years repaired"),
        Column(_("repair costs"), RIGHT),
        Column(_("together"), RIGHT),
        Column(_("waiting months"), RIGHT),
        _("first day of cover"),
    ]
    note = _("each year at this year's personal standard; more years would not help")
    return Table(_("Repair of missed years"), columns, rows, note=note)


def _assessed(request: HttpRequest, asked: whatif.Asked) -> dict[str, Any] | None:
    """What the receivable of the year says, in the person's regions."""
    rows = Receivable.objects.filter(
        person=asked.person,
        id__gte=asked.answer.terms.benefit_year * 10**10,
        id__lt=(asked.answer.terms.benefit_year + 1) * 10**10,
        region=asked.region,
    )
    mine: Any = access.for_user(rows, request.user)
    row = mine.with_state().order_by("-id").first()
    if row is None:
        return None
    return {
        "state": state_badge(RECEIVABLE_STATES, row.state),
        "amount": money(row.amount_due),
        "differs": row.amount_due != asked.answer.due.amount,
        "url": reverse("admin:payments_receivable_change", args=[row.pk]),
    }


def entitlement_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """The answer for a person: covered or not on ``on``, why, since when, until when, and at which ratios."""
    person = _person(request, person_id)
    form = DayForm(request.GET)
    form.is_valid()
    on: date = form.cleaned_data.get("on") or clock.today()
    looked = entitlement.look(person_id=person.pk, on=on)
    found = looked.found
    label, tone = STANDINGS[found.standing]
    context = {
        "person": person,
        "masked": mask_id(person.id_number),
        "on": on,
        "found": found,
        "standing": badge(label, tone),
        "sentence": looked.explain if _chinese() else looked.explain_en,
        "start": day(found.start),
        "end": day(found.end),
        "ratios": _ratios(looked.ratios) if looked.ratios else None,
    }
    return _draw(
        request, "desk/entitlement.html", _("Entitlement: %(name)s") % {"name": person.name}, **context
    )


def _ratios(ratios: BenefitRatios) -> Table:
    rows = [
        [_("hospital of level 1"), f"{ratios.level_1:.0f} %"],
        [_("hospital of level 2"), f"{ratios.level_2:.0f} %"],
        [_("hospital of level 3"), f"{ratios.level_3:.0f} %"],
        [_("outpatient"), f"{ratios.outpatient:.0f} %"],
    ]
    return Table(
        _("What the fund pays"),
        [_("kind of care"), Column(_("share of the fund"), RIGHT)],
        rows,
        note=_("information: of bills inside the policy; claims are settled elsewhere"),
    )
