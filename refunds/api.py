"""Calls of partners about refunds: forward a citizen's application, read where it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bureau import clock, partners, pictures
from bureau.api import problems
from bureau.api.fields import Amount, Body, Choice, Day, Picture, RegionCode, Text, Whole
from bureau.api.views import PartnerView
from bureau.identity import CERT_TYPES
from bureau.money import yuan
from enrollment.choices import RefundReason
from enrollment.services import acquaintance, lookups
from refunds import words
from refunds.models import RefundCase
from refunds.models.choices import APPLICANTS, PAPERS, REASONS, STATES
from refunds.papers import Applicant, Paper
from refunds.services import deciding, filing, partnered, payees, steps, wishes
from refunds.services.facts import Account

APPLY = "refunds"
MOST_BYTES = 16 * 2**20
MOST_PAPERS = 10

partners.register_scope(APPLY, _("forward applications for refunds"))
problems.register(404, steps.CaseUnknown, partnered.NothingPaid)
problems.register(
    409,
    partnered.ReferenceUsed,
    partnered.OnlyDeclared,
    partnered.BankReturns,
    deciding.NothingLeft,
    deciding.MoneyGone,
    deciding.NotPaidTwice,
)
problems.register(422, filing.PapersMissing, pointer="/papers")
problems.register(
    422, payees.AccountMissing, payees.AccountNotAllowed, payees.AccountFormat, pointer="/account"
)
problems.register(422, filing.ApplicantMissing, pointer="/applicant")


class PaperBody(Body):
    """A paper of the citizen's: JPEG or PNG, or PDF, in base64."""

    kind = Choice(choices=[(paper.value, name) for paper, name in PAPERS.items()])
    content = Picture(most_bytes=pictures.MOST_BYTES, help_text="base64, at most 8 MB of JPEG, PNG or PDF")


class ApplicantBody(Body):
    """Who asks, where it is not the insured."""

    role = Choice(choices=APPLICANTS[:-1])
    name = Text(max_length=80, required=False)
    id_number = Text(max_length=18, required=False)
    phone = Text(max_length=20, required=False)


class AccountBody(Body):
    """Where the money goes; not needed where it goes back the way it came."""

    holder = Text(max_length=120)
    account = Text(max_length=32)
    bank_name = Text(max_length=80, required=False)
    cnaps = Text(max_length=12, required=False)


class RefundBody(Body):
    """An application for a refund (退费申请)."""

    id_type = Choice(choices=[(code, name.zh) for code, name in CERT_TYPES.items()])
    id_number = Text(max_length=40)
    name = Text(max_length=80)
    region = RegionCode(help_text="pooling region where it was paid, six digits")
    benefit_year = Whole(min_value=2000, max_value=2199)
    reason = Choice(choices=REASONS)
    event_date = Day(required=False, help_text="of death, of joining the employee scheme")
    correct_amount = Amount(
        required=False, help_text="what would have been right to pay, where the office made a mistake"
    )
    applicant = ApplicantBody(required=False)
    account = AccountBody(required=False)
    note = Text(max_length=500, required=False)
    reference = Text(max_length=40, required=False, help_text="the partner's own number, used once")
    papers = PaperBody(many=True, required=False, max_length=MOST_PAPERS)


class RefundAnswer(serializers.Serializer):
    """Where an application stands; the text is for the citizen."""

    number = serializers.CharField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=STATES)
    amount = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    paid_on = serializers.DateField(allow_null=True)
    text = serializers.DictField(child=serializers.CharField())


def shown(case: RefundCase) -> dict[str, Any]:
    """A case as its partner sees it: in whose hands it lies is the bureau's matter."""
    text = {}
    for code, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            text[code] = words.for_citizen(case)
    return {
        "number": case.number,
        "reference": case.reference,
        "status": case.state,
        "amount": yuan(case.amount),
        "submitted_at": case.submitted_at.isoformat() if case.submitted_at else None,
        "due_on": case.target_on.isoformat() if case.target_on else None,
        "paid_on": case.paid_on.isoformat() if case.paid_on else None,
        "text": text,
    }


def _form(values: dict[str, Any]) -> wishes.Form:
    who, account = values.get("applicant", {}), values.get("account")
    return wishes.Form(
        reason=RefundReason(values["reason"]),
        sources=[],
        applicant=Applicant(who.get("role", Applicant.SELF)),
        applicant_name=who.get("name", ""),
        applicant_number=who.get("id_number", ""),
        applicant_phone=who.get("phone", ""),
        event_date=values.get("event_date"),
        correct=values.get("correct_amount"),
        account=Account(
            account["holder"], account["account"], account.get("bank_name", ""), account.get("cnaps", "")
        )
        if account
        else None,
        note=values.get("note", ""),
        reference=values.get("reference", ""),
    )


class RefundsView(PartnerView):
    """New applications."""

    scopes = {"POST": APPLY}
    creates = True
    most_bytes = MOST_BYTES

    @extend_schema(request=RefundBody, responses={201: RefundAnswer})
    def post(self, request: Request) -> HttpResponse:
        """Forward a citizen's application; it waits for the bureau, and its money is reserved."""
        values = self.values(RefundBody)
        self.region(request, values["region"])

        def act() -> tuple[int, Any, str]:
            client = request.user.client
            person = acquaintance.find(
                id_type=values["id_type"],
                id_number=values["id_number"],
                name=values["name"],
                regions=partners.regions_of(client),
                today=clock.today(),
            )
            if person is None:
                raise lookups.PersonUnknown()
            made = partnered.apply(
                client=client,
                person=person,
                region_id=values["region"],
                year=values["benefit_year"],
                form=_form(values),
                papers=[
                    partnered.Photo(Paper(one["kind"]), one["content"]) for one in values.get("papers", [])
                ],
                at=clock.now(),
            )
            return 201, shown(made), reverse("api:refund", args=[made.number])

        return self.once(request, act)


class RefundView(PartnerView):
    """One application of the partner's own."""

    scopes = {"GET": APPLY}

    @extend_schema(responses={200: RefundAnswer})
    def get(self, request: Request, number: str) -> Response:
        """Where it stands."""
        return Response(shown(partnered.of_client(client=request.user.client, number=number)))


urlpatterns = [
    path("refund-applications", RefundsView.as_view(), name="refunds"),
    path("refund-applications/<str:number>", RefundView.as_view(), name="refund"),
]
