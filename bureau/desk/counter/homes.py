"""What can be done to a household: each a small form with the version it was shown, saved once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from bureau import clock, doors
from bureau.desk.counter import household as pages
from bureau.desk.counter import stale, steps
from bureau.desk.counter.family import cert_choices
from bureau.desk.counter.steps import Step
from bureau.errors import BureauError
from bureau.forms import DayField, DeskForm
from bureau.keyset import LARGEST
from bureau.models import User
from bureau.pages import Fact
from enrollment.models import Household, HouseholdMember, Relation
from enrollment.services import households, identities
from enrollment.services.households import Joining

OTHERS = [choice for choice in Relation.choices if choice[0] != Relation.HEAD]
FIELDS = {
    "MEMBER_ELSEWHERE": "id_number",
    "PERSON_UNKNOWN": "id_number",
    "GUARDIAN_WRONG": "guardian",
    "HOUSEHOLD_ONE_HEAD": "relation",
    "HOUSEHOLDS_NOT_TWO": "into",
    "HOUSEHOLD_CLOSED": "into",
    "MEMBER_LEAVES_EARLY": "on",
}


class HomeForm(DeskForm):
    """Any change of a household: the version that was shown."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, household: Household, data: Any) -> None:
        self.members = pages.living(household)
        super().__init__(
            data, initial={"version": household.version, "on": clock.today(), **self.start(household)}
        )
        self.prepare()

    def start(self, household: Household) -> dict[str, Any]:
        """What stands in the fields at first."""
        return {}

    def prepare(self) -> None:
        """Choices that depend on the members."""

    def choices(
        self, *, empty: bool = False, grown: bool = False, head: bool = True
    ) -> list[tuple[str, str]]:
        """The members to choose from."""
        found = [
            (str(one.person_id), one.person.name)
            for one in self.members
            if (head or one.relation != Relation.HEAD) and not (grown and _minor(one))
        ]
        return [("", "–"), *found] if empty else found

    def given(self, name: str) -> int | None:
        """The number of the person who was chosen."""
        value = self.cleaned_data.get(name)
        return int(value) if value else None


def _minor(member: HouseholdMember) -> bool:
    birth = member.person.birth_date
    return birth is not None and birth.year + households.OF_AGE > clock.today().year


class AddForm(HomeForm):
    """Who joins, by certificate."""

    id_type = forms.ChoiceField(label=gettext_lazy("ID type"))
    id_number = forms.CharField(label=gettext_lazy("ID number"), max_length=40)
    relation = forms.ChoiceField(
        label=gettext_lazy("relation to the head"), choices=Relation.choices, initial="CHILD"
    )
    guardian = forms.ChoiceField(label=gettext_lazy("guardian"), required=False)
    on = DayField(label=gettext_lazy("from"))

    def prepare(self) -> None:
        """Certificates, and the adults of the household."""
        self.fields["id_type"].choices = cert_choices()  # type: ignore[attr-defined]
        self.fields["guardian"].choices = self.choices(empty=True, grown=True)  # type: ignore[attr-defined]


class MemberForm(HomeForm):
    """Relation and guardian of a member."""

    person = forms.ChoiceField(label=gettext_lazy("member"))
    relation = forms.ChoiceField(label=gettext_lazy("relation to the head"), choices=Relation.choices)
    guardian = forms.ChoiceField(label=gettext_lazy("guardian"), required=False)

    def prepare(self) -> None:
        """The members, and the adults among them."""
        self.fields["person"].choices = self.choices()  # type: ignore[attr-defined]
        self.fields["guardian"].choices = self.choices(empty=True, grown=True)  # type: ignore[attr-defined]


class HeadForm(HomeForm):
    """The new head, and what the former one is to the new one."""

    person = forms.ChoiceField(label=gettext_lazy("new head"))
    former = forms.ChoiceField(label=gettext_lazy("the former head is then"), choices=OTHERS)

    def prepare(self) -> None:
        """Everybody but the head."""
        self.fields["person"].choices = self.choices(head=False)  # type: ignore[attr-defined]


class LeaveForm(HomeForm):
    """Who leaves, from which day on."""

    person = forms.ChoiceField(label=gettext_lazy("member"))
    on = DayField(label=gettext_lazy("first day outside"))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300, required=False)

    def prepare(self) -> None:
        """The members."""
        self.fields["person"].choices = self.choices()  # type: ignore[attr-defined]


class SplitForm(HomeForm):
    """For each member: stays, or goes and is what to the new head."""

    on = DayField(label=gettext_lazy("from"))

    def prepare(self) -> None:
        """A choice a member; the head stays."""
        for one in self.members:
            if one.relation != Relation.HEAD:
                self.fields[f"p{one.person_id}"] = forms.ChoiceField(
                    label=one.person.name,
                    required=False,
                    choices=[
                        ("", _("stays")),
                        *(
                            (key, _("goes: %(relation)s") % {"relation": name})
                            for key, name in Relation.choices
                        ),
                    ],
                    widget=forms.Select(attrs={"class": "desk-input desk-wide"}),
                )

    @property
    def relations(self) -> dict[int, str]:
        """Who goes, and their relation to the new head."""
        return _relations(self.cleaned_data)


def _relations(given: Mapping[str, Any]) -> dict[int, str]:
    """What was chosen for each person, by number."""
    chosen = {name[1:]: value for name, value in given.items() if name[:1] == "p" and value}
    return {int(number): value for number, value in chosen.items() if number.isdigit()}


class MergeForm(HomeForm):
    """The household into which all members move, and what they are to its head."""

    into = forms.IntegerField(
        label=gettext_lazy("number of the other household"), min_value=1, max_value=LARGEST
    )
    on = DayField(label=gettext_lazy("from"))

    def prepare(self) -> None:
        """A relation a member."""
        for one in self.members:
            self.fields[f"p{one.person_id}"] = forms.ChoiceField(
                label=one.person.name,
                choices=OTHERS,
                initial=Relation.OTHER,
                widget=forms.Select(attrs={"class": "desk-input desk-wide"}),
            )

    @property
    def relations(self) -> dict[int, str]:
        """Everybody's relation to the other household's head."""
        return _relations(self.cleaned_data)


class PlaceForm(HomeForm):
    """Address, telephone, and who pays for all."""

    town = forms.CharField(label=gettext_lazy("town or street"), max_length=60, required=False)
    village = forms.CharField(label=gettext_lazy("village or community"), max_length=60, required=False)
    address = forms.CharField(label=gettext_lazy("address"), max_length=200, required=False)
    phone = forms.RegexField(r"^[0-9+\- ]{0,20}$", label=gettext_lazy("phone"), max_length=20, required=False)
    payer = forms.ChoiceField(label=gettext_lazy("payer"), required=False)

    def start(self, household: Household) -> dict[str, Any]:
        """As it is."""
        return {name: getattr(household, name) for name in households.PLACE} | {
            "payer": household.payer_id or ""
        }

    def prepare(self) -> None:
        """The adults."""
        self.fields["payer"].choices = self.choices(empty=True, grown=True)  # type: ignore[attr-defined]


def _add(household: Household, form: AddForm, by: User, at: datetime) -> Household:
    given = form.cleaned_data
    number = identities.check_number(given["id_type"], given["id_number"], today=clock.day_of(at))
    person = identities.known_to(given["id_type"], number, by=by)
    households.add_member(
        household_id=household.pk,
        version=given["version"],
        member=Joining(person.pk, given["relation"], form.given("guardian")),
        on=given["on"],
        by=by,
        at=at,
    )
    return household


def _member(household: Household, form: MemberForm, by: User, at: datetime) -> Household:
    given = form.cleaned_data
    households.change_member(
        household_id=household.pk,
        version=given["version"],
        person_id=form.given("person") or 0,
        relation=given["relation"],
        guardian_id=form.given("guardian"),
        on=clock.day_of(at),
        by=by,
        at=at,
    )
    return household


def _head(household: Household, form: HeadForm, by: User, at: datetime) -> Household:
    return households.move_head(
        household_id=household.pk,
        version=form.cleaned_data["version"],
        person_id=form.given("person") or 0,
        former_relation=form.cleaned_data["former"],
        on=clock.day_of(at),
        by=by,
        at=at,
    )


def _leave(household: Household, form: LeaveForm, by: User, at: datetime) -> Household:
    given = form.cleaned_data
    return households.leave(
        household_id=household.pk,
        version=given["version"],
        person_id=form.given("person") or 0,
        on=given["on"],
        reason=given["reason"],
        by=by,
        at=at,
    )


def _split(household: Household, form: SplitForm, by: User, at: datetime) -> Household:
    relations = form.relations
    heads = [person_id for person_id, relation in relations.items() if relation == Relation.HEAD]
    return households.split(
        household_id=household.pk,
        version=form.cleaned_data["version"],
        head_id=heads[0] if len(heads) == 1 else 0,
        relations=relations,
        on=form.cleaned_data["on"],
        by=by,
        at=at,
    )


def _merge(household: Household, form: MergeForm, by: User, at: datetime) -> Household:
    given = form.cleaned_data
    pages.found(by, given["into"])
    return households.merge(
        household_id=household.pk,
        version=given["version"],
        into_id=given["into"],
        relations=form.relations,
        on=given["on"],
        by=by,
        at=at,
    )


def _place(household: Household, form: PlaceForm, by: User, at: datetime) -> Household:
    given = form.cleaned_data
    return households.change_place(
        household_id=household.pk,
        version=given["version"],
        place={name: given[name] for name in households.PLACE},
        payer_id=form.given("payer"),
        on=clock.day_of(at),
        by=by,
        at=at,
    )


CHANGES: dict[str, tuple[Any, type[HomeForm], Any]] = {
    "add": (gettext_lazy("Add a member"), AddForm, _add),
    "member": (gettext_lazy("Relation, guardian"), MemberForm, _member),
    "head": (gettext_lazy("Move the head"), HeadForm, _head),
    "leave": (gettext_lazy("A member leaves"), LeaveForm, _leave),
    "split": (gettext_lazy("Split"), SplitForm, _split),
    "merge": (gettext_lazy("Merge"), MergeForm, _merge),
    "place": (gettext_lazy("Address, payer"), PlaceForm, _place),
}


@sensitive_post_parameters("id_number")
def page(request: HttpRequest, household_id: int, what: str) -> HttpResponse:
    """A form, and what came of it: back to the household (a split leads to the new one)."""
    user = doors.me(request)
    household = pages.found(user, household_id)
    doors.require(request, "household.edit", household.region_id)
    if what not in CHANGES:
        raise Http404
    title, kind, change = CHANGES[what]
    form = kind(household, doors.sent(request))
    here = reverse("desk:household", args=[household.pk])

    def save() -> str:
        changed = change(household, form, user, clock.now())
        return reverse("desk:household", args=[changed.pk])

    step = Step(
        title=title,
        form=form,
        rehearse=save,
        save=save,
        done=_("Saved."),
        back_url=here,
        fields=FIELDS,
        moves=False,
        context={
            "about": [
                Fact(_("household"), household),
                Fact(_("members"), "、".join(one.person.name for one in pages.living(household))),
            ]
        },
    )

    def overtaken(error: BureauError) -> bool:
        if not isinstance(error, households.HouseholdChanged):
            return False
        mine = {name: form.cleaned_data[name] for name in households.PLACE if name in form.cleaned_data}
        fresh = Household.objects.get(pk=household.pk)
        step.context["stale"] = stale.difference(fresh, form.cleaned_data["version"], mine)
        return False

    step.on_error = overtaken
    return steps.run(request, step)
