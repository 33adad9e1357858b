"""What can be done to a person at the counter: enrol, end, suspend, resume, correct, merge, take over from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from bureau import access, clock, doors
from bureau.desk.counter import family, foresight, stale, steps
from bureau.desk.counter.family import BirthField, cert_choices
from bureau.desk.counter.steps import Step
from bureau.desk.person.page import visible
from bureau.errors import BureauError
from bureau.forms import DayField, DeskForm, region_choices
from bureau.identity import mask_id
from bureau.keyset import LARGEST
from bureau.models import Proposal, User
from bureau.pages import Fact
from enrollment.models import EndReason, Enrollment, Person, PersonClass
from enrollment.services import corrections, life, merging, register, transfers
from enrollment.states import EnrollmentState

VERSION = 2**31 - 1
TYPED = ("id_number", "birth_date")
ENDS = [(reason.value, reason.label) for reason in EndReason if reason not in register.OWN_SERVICE]


def _person(request: HttpRequest, person_id: int, action: str) -> Person:
    """The person, 404 outside the clerk's regions, 403 without the right."""
    user = doors.me(request)
    person = visible(user, person_id)
    if person is None:
        raise Http404
    if not access.may(user, action):
        raise PermissionDenied
    return person


def _about(person: Person) -> list[Fact]:
    return [
        Fact(pgettext_lazy("person", "name"), person.name),
        Fact(_("ID number"), mask_id(person.id_number)),
        Fact(_("person class"), person.get_person_class_display()),
        Fact(_("region"), person.region.name),
    ]


def _home(person: Person) -> str:
    return reverse("desk:person", args=[person.pk])


# --------------------------------------------------------------------------------------------------- enrol


class EnrolForm(DeskForm):
    """Where, and from when."""

    region = forms.ChoiceField(label=gettext_lazy("pooling region"))
    on = DayField(label=gettext_lazy("enrolled on"))
    reason = forms.CharField(label=gettext_lazy("remark"), max_length=200, required=False)


def enrol(request: HttpRequest, person_id: int) -> HttpResponse:
    """Enrol somebody who is registered."""
    person = _person(request, person_id, "person.register")
    user = doors.me(request)
    form = EnrolForm(doors.sent(request), initial={"region": family.own_region(user), "on": clock.today()})
    form.fields["region"].choices = region_choices(user, family.regions(user))  # type: ignore[attr-defined]

    def save() -> str:
        given = form.cleaned_data
        register.enroll(
            person_id=person.pk,
            region_id=given["region"],
            on=given["on"],
            reason=given["reason"],
            by=user,
            at=clock.now(),
        )
        return _home(person)

    return steps.run(
        request,
        Step(
            title=_("Enrol"),
            form=form,
            rehearse=save,
            save=save,
            done=_("Enrolled."),
            back_url=_home(person),
            people=[person.pk],
            context={"about": _about(person)},
        ),
    )


# ------------------------------------------------------------------------------------------ end and suspend


class LifeForm(DeskForm):
    """What happens to which enrolment, from when, and why."""

    what = forms.ChoiceField(label=gettext_lazy("what happens"))
    enrollment = forms.ChoiceField(label=gettext_lazy("enrolment"), required=False)
    on = DayField(
        label=gettext_lazy("last day, or day of death"),
        help_text=gettext_lazy("Suspended or resumed: the first day. Cover ends with the last day."),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason, document"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any, live: list[Enrollment]) -> None:
        super().__init__(data, initial={"on": clock.today()})
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (gettext_lazy("End the enrolment"), [(f"END-{code}", name) for code, name in ENDS]),
            (
                gettext_lazy("Other"),
                [
                    ("DEATH", gettext_lazy("the person died")),
                    ("SUSPEND", gettext_lazy("suspend")),
                    ("RESUME", gettext_lazy("resume")),
                ],
            ),
        ]
        self.fields["enrollment"].choices = [  # type: ignore[attr-defined]
            (str(row.pk), f"{row.region.name} · {row.get_scheme_display()} · {row.get_state_display()}")
            for row in live
        ]

    def clean(self) -> dict[str, Any]:
        """Everything but a death concerns an enrolment."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("what") not in (None, "DEATH") and not found.get("enrollment"):
            self.add_error(
                "enrollment", forms.ValidationError(_("There is no live enrolment in your regions."))
            )
        return found


def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """End, suspend, resume, or a death."""
    person = _person(request, person_id, "person.register")
    user = doors.me(request)
    rows = Enrollment.objects.filter(person=person).exclude(state=EnrollmentState.ENDED)
    live = list(access.for_user(rows, user).select_related("region").order_by("-id"))
    form = LifeForm(doors.sent(request), live)

    def save() -> str:
        _happens(person, form.cleaned_data, user, clock.now())
        return _home(person)

    return steps.run(
        request,
        Step(
            title=_("End, suspend, resume"),
            form=form,
            rehearse=save,
            save=save,
            done=_("Saved."),
            back_url=_home(person),
            people=[person.pk],
            fields={
                "ENROLLMENT_MOVE": "what",
                "ENROLLMENT_ENDED": "enrollment",
                "ENROLLMENT_ENDS_BEFORE_START": "on",
                "ENROLLMENT_END_REASON": "reason",
                "DEATH_BEFORE_BIRTH": "on",
                "DEATH_IN_FUTURE": "on",
            },
            context={"about": _about(person)},
        ),
    )


def _happens(person: Person, given: Mapping[str, Any], by: User, at: datetime) -> None:
    """The one call of the service that fits."""
    what, on, reason = given["what"], given["on"], given["reason"]
    if what == "DEATH":
        life.declare_death(person_id=person.pk, died_on=on, reason=reason, by=by, at=at)
        return
    number = int(given["enrollment"])
    if what == "SUSPEND":
        life.suspend(enrollment_id=number, on=on, reason=reason, by=by, at=at)
    elif what == "RESUME":
        life.resume(enrollment_id=number, on=on, reason=reason, by=by, at=at)
    else:
        end = EndReason(what.removeprefix("END-"))
        register.end_enrollment(enrollment_id=number, on=on, end_reason=end, reason=reason, by=by, at=at)


# ------------------------------------------------------------------------------------------------- correct


class PhoneForm(DeskForm):
    """The telephone number, and the version that was shown."""

    version = forms.IntegerField(min_value=0, max_value=VERSION, widget=forms.HiddenInput)
    phone = forms.RegexField(r"^[0-9+\- ]{0,20}$", label=gettext_lazy("phone"), max_length=20, required=False)


def phone(request: HttpRequest, person_id: int) -> HttpResponse:
    """A small thing, changed at once."""
    person = _person(request, person_id, "person.correct")
    user = doors.me(request)
    form = PhoneForm(doors.sent(request), initial={"version": person.version, "phone": person.phone})

    def save() -> str:
        given = form.cleaned_data
        corrections.change_contact(
            person_id=person.pk, version=given["version"], phone=given["phone"], by=user, at=clock.now()
        )
        return _home(person)

    step = Step(
        title=_("Change the telephone number"),
        form=form,
        rehearse=save,
        save=save,
        done=_("Saved."),
        back_url=_home(person),
        moves=False,
        context={"about": _about(person)},
    )
    step.on_error = _overtaken(step, person, lambda: {"phone": form.cleaned_data["phone"]})
    return steps.run(request, step)


class CorrectForm(DeskForm):
    """Who somebody is; only what differs becomes part of the case."""

    version = forms.IntegerField(min_value=0, max_value=VERSION, widget=forms.HiddenInput)
    name = forms.CharField(label=pgettext_lazy("person", "name"), max_length=200)
    id_type = forms.ChoiceField(label=gettext_lazy("ID type"))
    id_number = forms.CharField(
        label=gettext_lazy("new ID number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Leave it empty where the number is right."),
    )
    # Not shown beside a masked ID number: together they would give the number away.
    birth_date = BirthField(
        label=gettext_lazy("new date of birth"), help_text=gettext_lazy("Leave it empty where it is right.")
    )
    gender = forms.ChoiceField(label=gettext_lazy("gender"), choices=Person.Gender.choices)
    person_class = forms.ChoiceField(label=gettext_lazy("person class"), choices=PersonClass.choices)
    document = forms.CharField(label=gettext_lazy("document that proves it"), max_length=200)
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)

    def __init__(self, data: Any, person: Person) -> None:
        shown = {key: getattr(person, key) for key in corrections.IDENTITY if key not in TYPED}
        super().__init__(data, initial=shown | {"version": person.version})
        self.fields["id_type"].choices = cert_choices()  # type: ignore[attr-defined]
        self.shown = shown

    @property
    def wanted(self) -> dict[str, Any]:
        """The fields that differ from what the register has."""
        given = self.cleaned_data
        found = {key: given[key] for key, value in self.shown.items() if given[key] != value}
        return found | {key: given[key] for key in TYPED if given[key]}


@sensitive_post_parameters()
def correct(request: HttpRequest, person_id: int) -> HttpResponse:
    """A case for a second person."""
    person = _person(request, person_id, "person.correct")
    user = doors.me(request)
    form = CorrectForm(doors.sent(request), person)

    def propose() -> Proposal:
        given = form.cleaned_data
        return corrections.propose(
            person_id=person.pk,
            version=given["version"],
            values=form.wanted,
            reason=given["reason"],
            document=given["document"],
            file=request.FILES.get("document_file"),
            by=user,
            at=clock.now(),
        )

    step = Step(
        title=_("Correct personal data"),
        form=form,
        rehearse=lambda: foresight.happen(propose(), user, clock.now()),
        save=lambda: _case(propose(), person),
        done=_("The case waits for a second person."),
        back_url=_home(person),
        people=[person.pk],
        fields=family.FIELDS | {"CORRECTION_DOCUMENT": "document", "REASON_NEEDED": "reason"},
        submit_text=_("Send to the second person"),
        context={"about": _about(person), "upload": True},
    )
    step.on_error = _overtaken(step, person, lambda: form.wanted)
    return steps.run(request, step)


class MergeForm(DeskForm):
    """The record that stays, and why it is the same human."""

    keep = forms.IntegerField(
        label=gettext_lazy("number of the record that stays"),
        min_value=1,
        max_value=LARGEST,
        help_text=gettext_lazy("It stands in the address and in the message of a duplicate."),
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)


def merge(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask another supervisor to merge this record into another one."""
    person = _person(request, person_id, "person.merge")
    user = doors.me(request)
    form = MergeForm(doors.sent(request))

    def propose() -> Proposal:
        given = form.cleaned_data
        if visible(user, given["keep"]) is None:
            raise merging.MergeSame()
        return merging.propose(
            keep_id=given["keep"], drop_id=person.pk, reason=given["reason"], by=user, at=clock.now()
        )

    return steps.run(
        request,
        Step(
            title=_("Merge this record into another one"),
            form=form,
            rehearse=lambda: foresight.happen(propose(), user, clock.now()),
            save=lambda: _case(propose(), person),
            done=_("The case waits for a second person."),
            back_url=_home(person),
            people=[person.pk],
            fields={"MERGE_NOT_TWO": "keep", "MERGE_OTHER_WAY": "keep"},
            submit_text=_("Send to the second person"),
            context={"about": _about(person)},
        ),
    )


def _case(case: Proposal, person: Person) -> str:
    return reverse("admin:bureau_proposal_change", args=[case.pk]) if case.pk else _home(person)


def _overtaken(step: Step, person: Person, mine: Any) -> Any:
    """Show what somebody else changed meanwhile, beside what was typed here."""

    def show(error: BureauError) -> bool:
        if isinstance(error, corrections.PersonChanged):
            fresh = Person.objects.get(pk=person.pk)
            step.context["stale"] = stale.difference(fresh, error.params["yours"], mine())
        return False

    return show


# ------------------------------------------------------------------------------------------------ transfer


class TransferForm(DeskForm):
    """Who comes, to where, and the last day there."""

    id_type = forms.ChoiceField(label=gettext_lazy("ID type"))
    id_number = forms.CharField(
        label=gettext_lazy("ID number"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label=pgettext_lazy("person", "name"), max_length=200)
    region = forms.ChoiceField(label=gettext_lazy("receiving pooling region"))
    on = DayField(label=gettext_lazy("last day in the other region"))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)


@sensitive_post_parameters()
def transfer(request: HttpRequest) -> HttpResponse:
    """Ask the other region to let go; the person stays insured there until it confirms."""
    user = doors.me(request)
    doors.require(request, "enrollment.transfer")
    form = TransferForm(
        doors.sent(request),
        initial={"id_type": "01", "region": family.own_region(user), "on": clock.today()},
    )
    form.fields["id_type"].choices = cert_choices()  # type: ignore[attr-defined]
    form.fields["region"].choices = region_choices(user, family.regions(user))  # type: ignore[attr-defined]

    def ask() -> str:
        given = form.cleaned_data
        found = transfers.ask(
            id_type=given["id_type"],
            id_number=given["id_number"],
            name=given["name"],
            region_id=given["region"],
            on=given["on"],
            reason=given["reason"],
            by=user,
            at=clock.now(),
        )
        return reverse("admin:bureau_proposal_change", args=[found[0].pk])

    return steps.run(
        request,
        Step(
            title=_("Transfer from another pooling region"),
            form=form,
            rehearse=ask,
            save=ask,
            done=_("The other region was asked."),
            back_url=reverse("admin:enrollment_person_changelist"),
            fields={
                "TRANSFER_UNKNOWN": "id_number",
                "TRANSFER_HERE": "id_number",
                "TRANSFER_NOTHING": "id_number",
            },
            submit_text=_("Ask the other region"),
            moves=False,
        ),
    )
