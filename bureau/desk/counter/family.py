"""Registering a family: a household's address, a row for each member, everybody enrolled at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from bureau import access, clock, doors
from bureau.desk.counter import steps
from bureau.desk.counter.steps import Step
from bureau.errors import BureauError
from bureau.forms import DeskForm, region_choices
from bureau.identity import BIRTH_CERTIFICATE, CERT_TYPES, RESIDENT
from bureau.models import StaffRegion, User
from enrollment.models import Person, PersonClass, Relation
from enrollment.services import family
from enrollment.services.identities import Identity, PersonTwin, identify

USUAL = (RESIDENT, BIRTH_CERTIFICATE)
ROWS, SHOWN = family.MOST_MEMBERS, 4
FIELDS = {
    "PERSON_EXISTS": "id_number",
    "FAMILY_TWICE": "id_number",
    "PERSON_NAME_DIFFERS": "name",
    "PERSON_TWIN": "name",
    "PERSON_NAME_MISSING": "name",
    "PERSON_NAME_CHARACTERS": "name",
    "PERSON_NAME_LONG": "name",
    "PERSON_BIRTH_DIFFERS": "birth_date",
    "PERSON_BIRTH_MISSING": "birth_date",
    "PERSON_BIRTH_FUTURE": "birth_date",
    "ENROLLMENT_EXISTS": "id_number",
    "EMPLOYEE_ACTIVE": "id_number",
    "PERSON_DEAD": "id_number",
    "PERSON_MERGED": "id_number",
    "MEMBER_ELSEWHERE": "id_number",
    "GUARDIAN_WRONG": "relation",
    "HOUSEHOLD_ONE_HEAD": "relation",
}


def cert_choices() -> list[tuple[str, str]]:
    """Certificates by name: the card first, the newborns' next to it, one key away."""
    codes = sorted(CERT_TYPES, key=lambda code: (code not in USUAL, code))
    return [(code, _(CERT_TYPES[code].en)) for code in codes]


class BirthField(forms.DateField):
    """A day of birth, typed in eight digits: people are older than any other day of the bureau."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(
            attrs={"placeholder": "20250110", "inputmode": "numeric", "maxlength": 10, "autocomplete": "off"},
            format="%Y-%m-%d",
        )
        formats = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d"]
        super().__init__(**{"widget": widget, "input_formats": formats, "required": False, **kwargs})


class MemberForm(DeskForm):
    """A row of the family; an empty one is nobody."""

    relation = forms.ChoiceField(label=gettext_lazy("relation to the head"), choices=Relation.choices)
    id_type = forms.ChoiceField(label=gettext_lazy("ID type"))
    id_number = forms.CharField(
        label=gettext_lazy("ID number"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=pgettext_lazy("person", "name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = BirthField(label=gettext_lazy("date of birth"))
    gender = forms.ChoiceField(
        label=gettext_lazy("gender"), required=False, choices=[("", ""), *Person.Gender.choices[1:3]]
    )
    person_class = forms.ChoiceField(
        label=gettext_lazy("person class"),
        required=False,
        choices=[("", gettext_lazy("by age")), *PersonClass.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id_type"].choices = cert_choices()  # type: ignore[attr-defined]
        self.identity: Identity | None = None
        for name, each in self.fields.items():
            each.widget.attrs |= {"data-member": name, "aria-label": str(each.label)}

    def clean(self) -> dict[str, Any]:
        """What one row says by itself is checked by the register's own rules, each error at its field."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return found
        try:
            self.identity = identify(
                id_type=found["id_type"],
                id_number=found["id_number"],
                name=found["name"],
                today=clock.today(),
                birth_date=found["birth_date"],
                gender=found["gender"] or Person.Gender.UNKNOWN,
            )
        except BureauError as error:
            self.add_error(FIELDS.get(error.code, "id_number"), ValidationError(doors.words(error)))
        return found


class PlaceForm(DeskForm):
    """The household: where, and under which number it can be reached."""

    region = forms.ChoiceField(label=gettext_lazy("pooling region"))
    town = forms.CharField(label=gettext_lazy("town or street"), max_length=60, required=False)
    village = forms.CharField(label=gettext_lazy("village or community"), max_length=60, required=False)
    address = forms.CharField(label=gettext_lazy("address"), max_length=200, required=False)
    phone = forms.RegexField(r"^[0-9+\- ]{0,20}$", label=gettext_lazy("phone"), max_length=20, required=False)


class FamilyForm:
    """The place and the rows as one form."""

    fields: dict[str, Any] = {}

    def __init__(self, user: Any, data: QueryDict | None) -> None:
        self.place = PlaceForm(data, initial={"region": own_region(user)})
        self.place.fields["region"].choices = region_choices(user, regions(user))  # type: ignore[attr-defined]
        first = {"id_type": "01", "relation": Relation.CHILD}
        relations = (Relation.HEAD, Relation.SPOUSE)
        self.rows = [
            MemberForm(
                data,
                prefix=f"m{nth}",
                initial=first | ({"relation": relations[nth]} if nth < 2 else {}),
                empty_permitted=True,
                use_required_attribute=False,
            )
            for nth in range(ROWS)
        ]
        self.bound = data is not None
        self.confirm = bool(data and data.get("confirm_twin"))
        self.asks_confirmation = self.confirm
        self.errors: list[str] = []

    @property
    def filled(self) -> list[MemberForm]:
        """The rows in which somebody was typed."""
        return [
            row for row in self.rows if any(row[name].value() for name in ("id_number", "name", "birth_date"))
        ]

    def is_valid(self) -> bool:
        """The place and every row that is not empty."""
        if not self.filled:
            self.errors.append(doors.words(family.FamilyEmpty()))
        for row in self.filled:
            row.empty_permitted = False
        return all([self.place.is_valid(), *[row.is_valid() for row in self.filled], bool(self.filled)])

    def members(self, today: date) -> list[family.Member]:
        """The rows as the service takes them; the head looks after children, and who is not told a class has one by age."""
        found = []
        for row in self.filled:
            given, known = row.cleaned_data, row.identity
            if known is None:  # valid rows have one
                continue
            found.append(
                family.Member(
                    relation=given["relation"],
                    id_type=given["id_type"],
                    id_number=given["id_number"],
                    name=given["name"],
                    person_class=given["person_class"] or family.usual_class(known.birth_date, today),
                    birth_date=known.birth_date,
                    gender=known.gender,
                    phone=self.place.cleaned_data["phone"] if given["relation"] == Relation.HEAD else "",
                )
            )
        return family.with_guardians(found, today)

    def register(self, *, by: User, at: datetime) -> family.Family:
        """The one call of the service."""
        today = clock.day_of(at)
        members = self.members(today)
        heads = [index for index, member in enumerate(members) if member.relation == Relation.HEAD]
        place = self.place.cleaned_data
        return family.register_family(
            region_id=place["region"],
            members=members,
            on=today,
            by=by,
            at=at,
            place=place,
            payer=heads[0] if heads else None,
            confirm_twin=self.confirm,
        )

    def add_error(self, name: str | None, error: ValidationError) -> None:
        """What concerns no row."""
        self.errors += error.messages

    def refused(self, error: BureauError) -> bool:
        """Write the refusal at its row; a twin asks for a confirmation."""
        if isinstance(error, PersonTwin):
            self.asks_confirmation = True
        index = error.params.get("row")
        filled = self.filled
        if not isinstance(index, int) or index >= len(filled):
            return False
        steps.place(filled[index], FIELDS.get(error.code, "id_number"), doors.words(error))
        return True

    def lines(self) -> Iterator[tuple[int, MemberForm, bool]]:
        """Each row with its number, and whether it is shown from the start."""
        last = max([self.rows.index(row) for row in self.filled], default=0) if self.bound else 0
        for nth, row in enumerate(self.rows):
            yield nth + 1, row, nth < SHOWN or nth <= last


def regions(user: Any) -> Sequence[str]:
    codes = access.regions_of(user)
    if codes is None:
        return []
    return list(codes)


def own_region(user: Any) -> str:
    """The region in which a member of staff works; the widest of several."""
    mine = StaffRegion.objects.filter(user_id=user.pk).order_by("region_id")
    return mine.values_list("region_id", flat=True).first() or ""


@sensitive_post_parameters()
def page(request: HttpRequest) -> HttpResponse:
    """Draw, check, save."""
    user = doors.me(request)
    doors.require(request, "person.register")
    form = FamilyForm(user, doors.sent(request))
    at = clock.now()

    def register() -> family.Family:
        return form.register(by=user, at=at)

    return steps.run(
        request,
        Step(
            title=_("Register a family"),
            form=form,
            rehearse=register,
            save=lambda: reverse("desk:household", args=[register().household.pk]),
            done=_("The family is registered and enrolled."),
            back_url=reverse("admin:enrollment_household_changelist"),
            on_error=form.refused,
            notices=_notices,
            template="desk/family.html",
            submit_text=_("Register the family"),
        ),
    )


def _notices(made: family.Family) -> list[Any]:
    """Who was known already."""
    return [
        _("%(name)s is in the register already and is taken over.") % {"name": made.persons[index].name}
        for index in made.known
    ]
