"""Calls of partners about enrolment: applications, entitlement on a day, what a payment on a day would bring."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bureau import clock, partners, pictures
from bureau.api import problems
from bureau.api.fields import Body, Choice, Day, Picture, RegionCode, Text, Whole
from bureau.api.views import PartnerView
from bureau.identity import CERT_TYPES, IdNumberError
from bureau.models import ApiClient
from bureau.money import yuan
from enrollment.models import EnrolmentApplication, Person, PersonClass, PictureKind, Relation
from enrollment.services import (
    acquaintance,
    applications,
    entitlement,
    identities,
    lookups,
    policies,
    register,
    whatif,
)
from enrollment.whatif import RepairTooMuch, message, sentence, warning

APPLY, ENTITLE, QUOTE = "applications", "entitlements.read", "quotes.read"
MOST_BYTES = 16 * 2**20

partners.register_scope(APPLY, _("hand in applications for enrolment"))
partners.register_scope(ENTITLE, _("ask for entitlement on a day"))
partners.register_scope(QUOTE, _("ask what a payment on a day would bring"))

problems.register(404, applications.ApplicationUnknown, lookups.PersonUnknown)
problems.register(
    409, applications.ApplicationOpen, applications.ReferenceUsed, applications.NotReturned, policies.NoPolicy
)
problems.register(403, partners.RegionNotYours, pointer="/region")
problems.register(422, IdNumberError, pointer="/id_number")
problems.register(
    422,
    identities.PersonNameMissing,
    identities.PersonNameCharacters,
    identities.PersonNameLong,
    pointer="/name",
)
problems.register(
    422,
    identities.BirthDateMissing,
    identities.BirthDateDiffers,
    identities.BirthDateFuture,
    pointer="/birth_date",
)
problems.register(422, register.PersonClassUnknown, pointer="/person_class")
problems.register(422, applications.GuardianMissing, pointer="/guardian")
problems.register(
    422,
    applications.PicturesMissing,
    pictures.FileEmpty,
    pictures.FileTypeUnknown,
    pictures.FileTooLarge,
    pictures.PictureTooLarge,
    pictures.PictureTooSmall,
    pictures.PictureDamaged,
    pictures.DocumentActive,
    pointer="/pictures",
)
problems.register(422, RepairTooMuch, pointer="/repair_years")


class PictureBody(Body):
    """A picture of a certificate: JPEG or PNG, or PDF, in base64."""

    kind = Choice(choices=PictureKind.choices)
    content = Picture(most_bytes=pictures.MOST_BYTES, help_text="base64, at most 8 MB of JPEG, PNG or PDF")


class HouseholdBody(Body):
    """Where the person lives, and with whom."""

    relation = Choice(choices=Relation.choices, required=False, help_text="to the head of the household")
    head_id_number = Text(max_length=40, required=False)
    town = Text(max_length=60, required=False)
    village = Text(max_length=60, required=False)
    address = Text(max_length=200, required=False)


class GuardianBody(Body):
    """Who looks after a child."""

    name = Text(max_length=80)
    id_number = Text(max_length=40)
    phone = Text(max_length=20, required=False)


class ApplicationBody(Body):
    """An application for enrolment (参保登记)."""

    id_type = Choice(choices=[(code, name.zh) for code, name in CERT_TYPES.items()])
    id_number = Text(max_length=40)
    name = Text(max_length=80)
    person_class = Choice(choices=PersonClass.choices)
    region = RegionCode(help_text="pooling region, six digits")
    birth_date = Day(required=False, help_text="needed where the number tells none")
    gender = Choice(choices=Person.Gender.choices, required=False)
    phone = Text(max_length=20, required=False)
    reference = Text(max_length=64, required=False, help_text="the partner's own number, used once")
    household = HouseholdBody(required=False)
    guardian = GuardianBody(required=False, help_text="needed for children")
    pictures = PictureBody(many=True, required=False, max_length=applications.MOST_PICTURES)


class ApplicationAnswer(serializers.Serializer):
    """Where an application stands."""

    number = serializers.CharField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=EnrolmentApplication._meta.get_field("state").choices)  # type: ignore[union-attr]
    region = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="why it was returned or rejected, for the person")


class PersonBody(Body):
    """Whom the question is about; the name must fit the number."""

    id_type = Choice(choices=[(code, name.zh) for code, name in CERT_TYPES.items()])
    id_number = Text(max_length=40)
    name = Text(max_length=80)


class EntitlementBody(PersonBody):
    """Is the person entitled on a day?"""

    on = Day()


class QuoteBody(PersonBody):
    """What would a payment on a day bring?"""

    benefit_year = Whole(min_value=2000, max_value=2199)
    pay_date = Day()
    repair_years = Whole(min_value=0, max_value=99, required=False)


class EntitlementAnswer(serializers.Serializer):
    """The answer for a day."""

    covered = serializers.BooleanField()
    standing = serializers.CharField()
    start = serializers.DateField(allow_null=True)
    end = serializers.DateField(allow_null=True, help_text="last covered day")
    rule = serializers.CharField()
    region = serializers.CharField()
    explain = serializers.DictField(child=serializers.CharField())


class QuoteAnswer(serializers.Serializer):
    """The answer for a payment date; amounts in yuan with two decimals."""

    region = serializers.CharField()
    policy = serializers.CharField()
    standard = serializers.CharField()
    aid = serializers.CharField()
    amount = serializers.CharField()
    repair_cost = serializers.CharField()
    total = serializers.CharField()
    refused = serializers.BooleanField()
    start = serializers.DateField(allow_null=True)
    end = serializers.DateField(allow_null=True)
    rule = serializers.CharField()
    wait_fixed = serializers.IntegerField()
    wait_variable = serializers.IntegerField()
    repairs = serializers.ListField(child=serializers.DictField())
    warnings = serializers.ListField(child=serializers.DictField())
    explain = serializers.DictField(child=serializers.CharField())
    message = serializers.DictField(child=serializers.CharField())


def shown(application: EnrolmentApplication) -> dict[str, Any]:
    """An application as its partner sees it."""
    told = application.state in ("RETURNED", "REJECTED")
    in_queue = application.state == "TAKEN"  # in whose hands it lies is the bureau's matter
    return {
        "number": application.number,
        "reference": application.reference,
        "status": "WAITING" if in_queue else application.state,
        "region": application.region_id,
        "submitted_at": application.submitted_at.isoformat(),
        "decided_at": application.decided_at.isoformat() if application.decided_at else None,
        "reason": application.reason if told else "",
    }


def _form(values: dict[str, Any]) -> applications.Form:
    home, guardian = values.get("household", {}), values.get("guardian", {})
    return applications.Form(
        id_type=values["id_type"],
        id_number=values["id_number"],
        name=values["name"],
        person_class=values["person_class"],
        region_id=values["region"],
        birth_date=values.get("birth_date"),
        gender=values.get("gender", Person.Gender.UNKNOWN),
        phone=values.get("phone", ""),
        town=home.get("town", ""),
        village=home.get("village", ""),
        address=home.get("address", ""),
        relation=home.get("relation", ""),
        head_number=home.get("head_id_number", ""),
        guardian_name=guardian.get("name", ""),
        guardian_number=guardian.get("id_number", ""),
        guardian_phone=guardian.get("phone", ""),
        reference=values.get("reference", ""),
        pictures=[applications.Photo(one["kind"], one["content"]) for one in values.get("pictures", [])],
    )


class ApplicationsView(PartnerView):
    """New applications."""

    scopes = {"POST": APPLY}
    creates = True
    most_bytes = MOST_BYTES

    @extend_schema(request=ApplicationBody, responses={201: ApplicationAnswer})
    def post(self, request: Request) -> HttpResponse:
        """Hand in an application; it waits for a clerk of the region."""
        values = self.values(ApplicationBody)
        self.region(request, values["region"])

        def act() -> tuple[int, Any, str]:
            made = applications.submit(client=request.user.client, form=_form(values), at=clock.now())
            return 201, shown(made), reverse("api:application", args=[made.number])

        return self.once(request, act)


class ApplicationView(PartnerView):
    """One application of the partner's own."""

    scopes = {"GET": APPLY}

    @extend_schema(responses={200: ApplicationAnswer})
    def get(self, request: Request, number: str) -> Response:
        """Where it stands."""
        return Response(shown(applications.of_client(client=request.user.client, number=number)))


class ResubmissionView(PartnerView):
    """A returned application, handed in again."""

    scopes = {"POST": APPLY}
    creates = True
    most_bytes = MOST_BYTES

    @extend_schema(request=ApplicationBody, responses={200: ApplicationAnswer})
    def post(self, request: Request, number: str) -> HttpResponse:
        """The whole form again; pictures sent before stay, new ones are added."""
        applications.of_client(client=request.user.client, number=number)
        values = self.values(ApplicationBody)
        self.region(request, values["region"])

        def act() -> tuple[int, Any, str]:
            made = applications.resubmit(
                client=request.user.client, number=number, form=_form(values), at=clock.now()
            )
            return 200, shown(made), ""

        return self.once(request, act)


def person_of(client: ApiClient, values: dict[str, Any]) -> Person:
    """The person of number and name, if registered or enrolled in a region of the partner.

    A wrong name, a stranger's region and an unknown number get the same answer. Raises PersonUnknown, IdNumberError.
    """
    person = acquaintance.find(
        id_type=values["id_type"],
        id_number=values["id_number"],
        name=values["name"],
        regions=partners.regions_of(client),
        today=clock.today(),
    )
    if person is None:
        raise lookups.PersonUnknown()
    return person


class EntitlementsView(PartnerView):
    """Entitlement on a day."""

    scopes = {"POST": ENTITLE}

    @extend_schema(request=EntitlementBody, responses={200: EntitlementAnswer})
    def post(self, request: Request) -> Response:
        """Covered or not, why, since when, until when; asked by POST, for a number does not belong into an address."""
        values = self.values(EntitlementBody)
        person = person_of(request.user.client, values)
        looked = entitlement.look(person_id=person.pk, on=values["on"])
        found = looked.found
        return Response(
            {
                "covered": found.covered,
                "standing": str(found.standing),
                "start": found.start.isoformat() if found.start else None,
                "end": found.end.isoformat() if found.end else None,
                "rule": found.rule,
                "region": looked.region,
                "explain": {"zh": looked.explain, "en": looked.explain_en},
            }
        )


class QuotesView(PartnerView):
    """What if this person pays on a day?"""

    scopes = {"POST": QUOTE}

    @extend_schema(request=QuoteBody, responses={200: QuoteAnswer})
    def post(self, request: Request) -> Response:
        """Amount, first day of cover, months of waiting, what repairing years costs and brings, the warnings."""
        values = self.values(QuoteBody)
        person = person_of(request.user.client, values)
        asked = whatif.ask(
            person_id=person.pk,
            year=values["benefit_year"],
            pay_date=values["pay_date"],
            repair_years=values.get("repair_years", 0),
        )
        return Response(_quote(asked))


def _quote(asked: whatif.Asked) -> dict[str, Any]:
    answer, decision = asked.answer, asked.answer.decision
    return {
        "region": asked.region.code,
        "policy": asked.policy.key,
        "standard": yuan(answer.due.standard),
        "aid": yuan(answer.due.aid),
        "amount": yuan(answer.due.amount),
        "repair_cost": yuan(answer.chosen.cost),
        "total": yuan(answer.total),
        "refused": decision.refused,
        "start": decision.start.isoformat() if decision.start else None,
        "end": decision.end.isoformat() if decision.end else None,
        "rule": str(decision.rule),
        "wait_fixed": decision.wait_fixed,
        "wait_variable": decision.wait_variable,
        "repairs": [
            {
                "years": row.years,
                "cost": yuan(row.cost),
                "start": row.decision.start.isoformat() if row.decision.start else None,
                "wait_months": row.decision.wait_months,
            }
            for row in answer.repairs
        ],
        "warnings": [
            {"code": str(one), "zh": warning(answer, one), "en": warning(answer, one, chinese=False)}
            for one in answer.warnings
        ],
        "explain": {"zh": sentence(answer), "en": sentence(answer, chinese=False)},
        "message": {
            "zh": message(answer, asked.person.name),
            "en": message(answer, asked.person.name, chinese=False),
        },
    }


urlpatterns = [
    path("enrolment-applications", ApplicationsView.as_view(), name="applications"),
    path("enrolment-applications/<str:number>", ApplicationView.as_view(), name="application"),
    path("enrolment-applications/<str:number>/resubmission", ResubmissionView.as_view(), name="resubmission"),
    path("entitlements", EntitlementsView.as_view(), name="entitlements"),
    path("quotes", QuotesView.as_view(), name="quotes"),
]
