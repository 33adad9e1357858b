"""Members of staff, for system administrators: roles and regions of others, never their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from bureau import access, clock, doors, staff
from bureau.access import Role
from bureau.filters import BoundedFilter, by_choices
from bureau.forms import DeskForm, RegionCodesField
from bureau.models import User
from bureau.pages import NOTHING, Detail, Fact, badge, moment
from bureau.scoped import ScopedAdmin

admin.site.unregister(Group)  # a group is a role, and roles are given on the page of the person
ROLE_NAMES = {
    Role.CLERK: gettext_lazy("clerk"),
    Role.SUPERVISOR: gettext_lazy("supervisor"),
    Role.TAX_OFFICER: gettext_lazy("tax officer"),
    Role.AUDITOR: gettext_lazy("auditor"),
    Role.SYSADMIN: gettext_lazy("system administrator"),
}


class StaffForm(DeskForm):
    """Name, roles and regions of a member of staff."""

    last_name = forms.CharField(label=gettext_lazy("last name"), max_length=150, required=False)
    first_name = forms.CharField(label=gettext_lazy("first name"), max_length=150, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("roles"),
        choices=[(role.value, name) for role, name in ROLE_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    regions = RegionCodesField(
        label=gettext_lazy("regions"),
        required=False,
        help_text=gettext_lazy(
            "Codes of six digits, separated by blanks; each includes everything below it."
        ),
    )
    is_active = forms.BooleanField(label=gettext_lazy("may log in"), required=False, initial=True)

    def clean_roles(self) -> frozenset[Role]:
        """Roles that one person may hold together."""
        try:
            return staff.refuse_conflicts(Role(name) for name in self.cleaned_data["roles"])
        except staff.ConflictingRoles as error:
            names = {role.value: str(name) for role, name in ROLE_NAMES.items()}
            shown = {key: names[value] for key, value in error.params.items()}
            raise ValidationError(doors.words(staff.ConflictingRoles(**shown))) from error


class PasswordForm(DeskForm):
    """A new password, typed twice."""

    password = forms.CharField(
        label=gettext_lazy("password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """The same twice, and one that the validators accept."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = found.get("password"), found.get("again")
        if first and second and first != second:
            self.add_error("again", _("The two passwords differ."))
        elif first:
            try:
                validate_password(first, User(username=found.get("username", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return found


class NewStaffForm(StaffForm, PasswordForm):
    """A new log-in."""

    username = forms.CharField(
        label=gettext_lazy("user name"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    field_order = ("username", "last_name", "first_name", "roles", "regions", "password", "again")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_active"]


class UserFilter(BoundedFilter):
    """Users by the beginning of their user name."""

    title = gettext_lazy("user name")
    parameter_name = "name"
    pattern = r"[\w.@+-]{1,60}"

    def narrow(self, queryset: models.QuerySet[Any], chosen: str) -> models.QuerySet[Any]:
        """By prefix."""
        return queryset.filter(username__startswith=chosen)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    """Log-ins with their roles and regions."""

    view_action = "staff.manage"
    scope_field = None
    keyset = ("username", "id")
    list_display = ("username", "full_name", "role_names", "region_names", "active", "seen")
    list_filter = (
        UserFilter,
        by_choices("role", gettext_lazy("role"), list(ROLE_NAMES.items()), field="groups__name"),
    )
    detail_template = "desk/user.html"
    routes = (
        ("add/", "add", "add"),
        ("<int:pk>/edit/", "edit", "edit"),
        ("<int:pk>/password/", "password", "password"),
    )
    empty_text = gettext_lazy("No user has this name or role.")

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        """Users with their roles and regions, in two further queries."""
        return super().row_queryset(request).prefetch_related("groups", "regions")

    def list_buttons(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """A new log-in."""
        return [(_("New user"), self.url("add"), "person_add")]

    @admin.display(description=pgettext_lazy("person", "name"))
    def full_name(self, user: User) -> str:
        """Full name."""
        return user.get_full_name() or NOTHING

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, user: User) -> str:
        """Roles in words."""
        held = {group.name for group in user.groups.all()}
        return "、".join(str(name) for role, name in ROLE_NAMES.items() if role.value in held) or NOTHING

    @admin.display(description=gettext_lazy("regions"))
    def region_names(self, user: User) -> str:
        """Regions by name."""
        return "、".join(region.name for region in user.regions.all()) or NOTHING

    @admin.display(description=gettext_lazy("may log in"))
    def active(self, user: User) -> Any:
        """A coloured label."""
        return badge(_("yes"), "success") if user.is_active else badge(_("closed"), "danger")

    @admin.display(description=gettext_lazy("last log-in"))
    def seen(self, user: User) -> str:
        """When the person was last here."""
        return moment(user.last_login)

    def detail(self, request: HttpRequest, row: User) -> Detail:
        """One log-in."""
        facts = [
            Fact(_("user name"), row.username),
            Fact(pgettext("person", "name"), self.full_name(row)),
            Fact(_("roles"), self.role_names(row)),
            Fact(_("regions"), self.region_names(row)),
            Fact(_("last log-in"), moment(row.last_login)),
            Fact(_("since"), moment(row.date_joined)),
        ]
        own = row.pk == request.user.pk
        notices = [_("This is your own log-in: a colleague changes it.")] if own else []
        return Detail(row.username, facts, badges=[self.active(row)], notices=notices, extra={"own": own})

    def _form_page(
        self, request: HttpRequest, title: str, form: DeskForm, help_text: Any = ""
    ) -> HttpResponse:
        return self.draw(
            request, "desk/form.html", title, form=form, help_text=help_text, back_url=self.url("changelist")
        )

    def _manage(self, request: HttpRequest) -> None:
        if not access.may(request.user, "staff.manage"):
            raise PermissionDenied

    @property
    def _password_help(self) -> Any:
        return password_validators_help_text_html()

    @method_decorator(sensitive_post_parameters("password", "again"))
    def add(self, request: HttpRequest) -> HttpResponse:
        """A new log-in."""
        self._manage(request)
        form = NewStaffForm(doors.sent(request))
        if form.is_valid():
            given = form.cleaned_data
            user = doors.attempt(
                request,
                lambda: staff.create_staff(
                    username=given["username"],
                    password=given["password"],
                    first_name=given["first_name"],
                    last_name=given["last_name"],
                    roles=given["roles"],
                    region_ids=given["regions"],
                    by=doors.me(request),
                    at=clock.now(),
                ),
                _("The log-in was made."),
            )
            if user is not None:
                return HttpResponseRedirect(self.url_for(user))
        return self._form_page(request, _("New user"), form, self._password_help)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change somebody else's name, roles, regions, or close the log-in."""
        self._manage(request)
        row = self.found(request, str(pk))
        held = [group.name for group in row.groups.all()]
        before = {
            "first_name": row.first_name,
            "last_name": row.last_name,
            "roles": held,
            "regions": " ".join(region.pk for region in row.regions.all()),
            "is_active": row.is_active,
        }
        form = StaffForm(doors.sent(request), initial=before)

        def save() -> User:
            given = form.cleaned_data
            return staff.change_staff(
                user_id=row.pk,
                first_name=given["first_name"],
                last_name=given["last_name"],
                is_active=given["is_active"],
                roles=given["roles"],
                region_ids=given["regions"],
                by=doors.me(request),
                at=clock.now(),
            )

        return self._save(request, row, form, save, _("Change %(name)s") % {"name": row.username})

    @method_decorator(sensitive_post_parameters("password", "again"))
    def password(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give somebody else a new password."""
        self._manage(request)
        row = self.found(request, str(pk))
        form = PasswordForm(doors.sent(request))

        def save() -> User:
            return staff.set_password(
                user_id=row.pk,
                password=form.cleaned_data["password"],
                by=doors.me(request),
                at=clock.now(),
            )

        title = _("New password for %(name)s") % {"name": row.username}
        return self._save(request, row, form, save, title, self._password_help)

    def _save(
        self,
        request: HttpRequest,
        row: User,
        form: DeskForm,
        save: Callable[[], User],
        title: str,
        help_text: Any = "",
    ) -> HttpResponse:
        if form.is_valid() and doors.attempt(request, save, _("Saved.")) is not None:
            return HttpResponseRedirect(self.url_for(row))
        return self._form_page(request, title, form, help_text)
