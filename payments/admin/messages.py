"""Messages at the desk: what was told to whom, the wordings, the files for the SMS gateway and its answers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bureau import access, clock, doors, exports
from bureau.filters import RegionFilter, by_choices
from bureau.forms import DeskForm, region_choices
from bureau.pages import NOTHING, Detail, Fact, Table, badge, count, day, moment
from bureau.scoped import ScopedAdmin
from enrollment.models import Person
from payments.admin.common import person_link
from payments.files import smsfile
from payments.models import Event, Message, MessageFile, MessageOptOut, MessageReceipt, MessageTemplate
from payments.services import messages
from payments.services.messages import OPT, SEND

EXPORT = "sms"
exports.register(EXPORT, gettext_lazy("files for the SMS gateway"))


class RegionForm(DeskForm):
    """Whose messages go out."""

    region = forms.ChoiceField(
        label=gettext_lazy("region"), help_text=gettext_lazy("With everything below it.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = messages.regions_with_messages()
        self.fields["region"].choices = region_choices(user, known)  # type: ignore[attr-defined]


class WordingForm(DeskForm):
    """A new version of a wording."""

    event = forms.ChoiceField(label=gettext_lazy("event"), choices=Event.choices)
    text = forms.CharField(
        label=gettext_lazy("wording"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Filled in: {name} (masked), {year}, {amount}, {day}. Messages queued before keep their words."
        ),
    )


class AnswerForm(DeskForm):
    """What the gateway sent back."""

    file = forms.FileField(label=gettext_lazy("answer of the gateway"), max_length=200)


class OptForm(DeskForm):
    """Whether somebody wants messages."""

    wanted = forms.TypedChoiceField(
        label=gettext_lazy("text messages"),
        choices=[("1", gettext_lazy("wants messages")), ("0", gettext_lazy("wants no messages"))],
        coerce=lambda value: value == "1",
    )


@admin.register(Message)
class MessageAdmin(ScopedAdmin):
    """What was told, newest first."""

    view_action = "message.view"
    keyset_descending = True
    split_by_region = True
    list_display = ("event_name", "insured", "region_name", "text_shown", "state_shown", "queued")
    list_select_related = ("person", "region")
    list_filter = (
        by_choices("event", gettext_lazy("event"), Event.choices),
        by_choices("skipped", gettext_lazy("not sent because"), Message.Skipped.choices[1:]),
        RegionFilter,
    )
    routes = (("opt/<int:pk>/", "opt", "opt"),)
    empty_text = gettext_lazy("Nobody was told anything yet.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """Wordings and files."""
        return [
            (_("Wordings"), reverse("admin:payments_messagetemplate_changelist"), "edit_note"),
            (_("Files"), reverse("admin:payments_messagefile_changelist"), "outbox"),
        ]

    @admin.display(description=gettext_lazy("text"))
    def text_shown(self, row: Message) -> Any:
        """In full, on as many lines as it takes."""
        return format_html('<div class="desk-wrap">{}</div>', row.text)

    def row_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With the file and the gateway's answer."""
        return super().row_queryset(request).select_related("sending__receipt", "sending__file")

    @admin.display(description=gettext_lazy("event"))
    def event_name(self, row: Message) -> str:
        """In words."""
        return str(row.get_event_display())

    @admin.display(description=gettext_lazy("insured"))
    def insured(self, row: Any) -> Any:
        """Who, with the way to the page about the person."""
        return person_link(row.viewer, row.person)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: Message) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: Message) -> Any:
        """By the facts: skipped, waiting, in a file, delivered or not."""
        if row.skipped:
            return badge(row.get_skipped_display())
        sending = getattr(row, "sending", None)
        if sending is None:
            late = row.until < clock.today()
            return badge(_("too late"), "danger") if late else badge(_("to be sent"), "info")
        receipt = getattr(sending, "receipt", None)
        if receipt is None:
            return badge(_("handed to the gateway"), "primary")
        return badge(_("delivered"), "success") if receipt.delivered else badge(_("not delivered"), "danger")

    @admin.display(description=gettext_lazy("queued at"))
    def queued(self, row: Message) -> str:
        """When."""
        return moment(row.queued_at)

    def detail(self, request: HttpRequest, row: Message) -> Detail:
        """The words, and what became of them."""
        full: Any = self.row_queryset(request).select_related("template").get(pk=row.pk)
        sending = getattr(full, "sending", None)
        receipt = getattr(sending, "receipt", None)
        facts = [
            Fact(_("insured"), person_link(request.user, full.person)),
            Fact(_("region"), full.region.name),
            Fact(_("wording"), f"{full.template.get_event_display()} v{full.template.version}"),
            Fact(_("queued at"), moment(full.queued_at)),
            Fact(_("send until"), day(full.until)),
            Fact(_("telephone"), mask_phone(sending.phone) if sending else NOTHING),
            Fact(_("file"), str(sending.file) if sending else NOTHING),
            Fact(
                _("answer of the gateway"), receipt.reason or moment(receipt.told_at) if receipt else NOTHING
            ),
            Fact(_("text"), full.text, wide=True),
        ]
        return Detail(f"#{full.pk} {full.get_event_display()}", facts, badges=[self.state_shown(full)])

    def opt(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Whether a person wants messages."""
        person = Person.objects.filter(pk=pk).order_by("pk").first()
        if person is None:
            raise Http404
        doors.require(request, OPT, person.region_id)
        wants = not MessageOptOut.objects.filter(pk=pk).exists()
        form = OptForm(doors.sent(request), initial={"wanted": "1" if wants else "0"})
        here = reverse("desk:person", args=[pk])
        if form.is_valid():
            out = not form.cleaned_data["wanted"]
            by = doors.me(request)
            call = lambda: messages.set_opt_out(person_id=pk, out=out, by=by, at=clock.now())  # noqa: E731
            if doors.attempt(request, call, _("Noted.")) is not None:
                return HttpResponseRedirect(here)
        return self.draw(
            request,
            "desk/form.html",
            _("Messages to %(name)s") % {"name": person.name},
            form=form,
            submit_text=_("Save"),
            back_url=here,
        )


def mask_phone(phone: str) -> str:
    """A telephone number for the screen: 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ScopedAdmin):
    """Wordings, every version."""

    view_action = "message.view"
    scope_field = None
    keyset_descending = True
    list_display = ("event_name", "version_shown", "text_shown", "made")
    list_select_related = ("made_by",)
    list_filter = (by_choices("event", gettext_lazy("event"), Event.choices),)
    routes = (("write/", "write", "write"),)
    list_note = gettext_lazy("The highest version of an event counts.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """A new version, for those who may."""
        if not access.may(request.user, SEND):
            return []
        return [(_("New wording"), self.url("write"), "edit")]

    @admin.display(description=gettext_lazy("text"))
    def text_shown(self, row: MessageTemplate) -> Any:
        """In full, on as many lines as it takes."""
        return format_html('<div class="desk-wrap">{}</div>', row.text)

    @admin.display(description=gettext_lazy("event"))
    def event_name(self, row: MessageTemplate) -> str:
        """In words."""
        return str(row.get_event_display())

    @admin.display(description=gettext_lazy("version"))
    def version_shown(self, row: MessageTemplate) -> str:
        """v1, v2 ..."""
        return f"v{row.version}"

    @admin.display(description=gettext_lazy("made by"))
    def made(self, row: MessageTemplate) -> str:
        """By whom and when."""
        who = row.made_by.get_full_name() or row.made_by.username if row.made_by else _("system")
        return f"{who} · {moment(row.made_at)}"

    def detail(self, request: HttpRequest, row: MessageTemplate) -> Detail:
        """The words of a version."""
        facts = [Fact(_("made by"), self.made(row)), Fact(_("text"), row.text, wide=True)]
        return Detail(f"{row.get_event_display()} v{row.version}", facts)

    def write(self, request: HttpRequest) -> HttpResponse:
        """Write a new version."""
        if not access.may(request.user, SEND):
            raise PermissionDenied
        form = WordingForm(doors.sent(request))
        if form.is_valid():
            values = form.cleaned_data
            made = doors.attempt(
                request,
                lambda: messages.write_template(
                    event=values["event"], text=values["text"], by=doors.me(request), at=clock.now()
                ),
                _("The new wording counts from now on."),
            )
            if made is not None:
                return HttpResponseRedirect(self.url("changelist"))
        return self.draw(
            request, "desk/form.html", _("New wording"), form=form, back_url=self.url("changelist")
        )


@admin.register(MessageFile)
class MessageFileAdmin(ScopedAdmin):
    """Files for the SMS gateway."""

    view_action = "message.view"
    keyset_descending = True
    list_right = ("number",)
    list_display = ("name", "region_name", "number", "made")
    list_select_related = ("region", "made_by")
    list_filter = (RegionFilter,)
    detail_template = "desk/message_file.html"
    routes = (
        ("make/", "make", "make"),
        ("<int:pk>/download/", "download", "download"),
        ("<int:pk>/answer/", "answer", "answer"),
    )
    empty_text = gettext_lazy("No file was made yet.")

    def list_buttons(self, request: HttpRequest) -> Sequence[tuple[Any, str, str]]:
        """A new file, for those who may."""
        if not access.may(request.user, SEND):
            return []
        return [(_("Make a file"), self.url("make"), "outgoing_mail")]

    @admin.display(description=gettext_lazy("file"))
    def name(self, row: MessageFile) -> str:
        """Its name."""
        return str(row)

    @admin.display(description=gettext_lazy("region"))
    def region_name(self, row: MessageFile) -> str:
        """The region's name."""
        return row.region.name

    @admin.display(description=gettext_lazy("text messages"))
    def number(self, row: MessageFile) -> str:
        """How many."""
        return count(row.messages)

    @admin.display(description=gettext_lazy("made by"))
    def made(self, row: MessageFile) -> str:
        """By whom and when."""
        who = row.made_by.get_full_name() or row.made_by.username if row.made_by else _("system")
        return f"{who} · {moment(row.made_at)}"

    def detail(self, request: HttpRequest, row: MessageFile) -> Detail:
        """How many were delivered, and what was not."""
        told = MessageReceipt.objects.filter(sending__file=row)
        delivered = told.filter(delivered=True).count()
        failed = told.filter(delivered=False).count()
        facts = [
            Fact(_("region"), row.region.name),
            Fact(_("text messages"), count(row.messages)),
            Fact(_("delivered"), count(delivered)),
            Fact(_("not delivered"), count(failed)),
            Fact(_("no answer yet"), count(row.messages - delivered - failed)),
            Fact(_("made by"), self.made(row)),
            Fact("SHA-256", f"{row.sha256[:16]}…"),
        ]
        wrong = told.filter(delivered=False).select_related("sending__message__person").order_by("pk")[:100]
        rows = [
            [
                one.pk,
                person_link(request.user, one.sending.message.person),
                mask_phone(one.sending.phone),
                one.reason or NOTHING,
                moment(one.told_at),
            ]
            for one in wrong
        ]
        heads = [_("number"), _("insured"), _("telephone"), _("reason"), _("told at")]
        tables = [Table(_("Not delivered"), heads, rows)] if rows else []
        sends = access.may(request.user, SEND)
        extra = {
            "download_url": self.url("download", row.pk) if sends else "",
            "answer_url": self.url("answer", row.pk) if sends else "",
        }
        return Detail(str(row), facts, tables, extra=extra)

    def make(self, request: HttpRequest) -> HttpResponse:
        """Put what waits into a file."""
        if not access.may(request.user, SEND):
            raise PermissionDenied
        user = doors.me(request)
        form = RegionForm(doors.sent(request), user=user)
        if form.is_valid():
            region = form.cleaned_data["region"]
            made = doors.attempt(
                request, lambda: messages.make_file(region_id=region, by=user, at=clock.now())
            )
            if made is not None:
                return HttpResponseRedirect(self.url_for(made))
        waits = messages.waiting(region_ids=access.regions_of(user), on=clock.today())
        return self.draw(
            request,
            "desk/form.html",
            _("Make a file"),
            form=form,
            submit_text=_("Make a file"),
            help_text=_("%(number)s messages wait.") % {"number": count(waits)},
            back_url=self.url("changelist"),
        )

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file with whole numbers, entered in the export register."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        record = doors.attempt(
            request,
            lambda: exports.begin(
                what=EXPORT,
                filters={"file": str(row)},
                by=doors.me(request),
                at=clock.now(),
                masked=False,
                action=SEND,
                region_id=row.region_id,
                purpose=str(row),
            ),
        )
        if record is None:
            return HttpResponseRedirect(self.url_for(row))
        content = messages.content(row)
        exports.finish(record=record, rows=row.messages, sha256=row.sha256, at=clock.now())
        response = HttpResponse(content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{row}.txt"'
        return response

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the gateway's answer."""
        row = self.found(request, str(pk))
        if not access.may(request.user, SEND):
            raise PermissionDenied
        form = AnswerForm(doors.sent(request), request.FILES or None)
        if form.is_valid():
            sent = form.cleaned_data["file"]
            if sent.size > smsfile.MOST_BYTES:
                form.add_error("file", _("The file is too large."))
            else:
                done = doors.attempt(
                    request,
                    lambda: messages.acknowledge(
                        file_id=row.pk, answer=sent.read(), by=doors.me(request), at=clock.now()
                    ),
                )
                if done is not None:
                    notices.success(
                        request,
                        _(
                            "%(delivered)s delivered, %(failed)s not, %(known)s known before, %(unknown)s of no file of ours."
                        )
                        % vars(done),
                    )
                    return HttpResponseRedirect(self.url_for(row))
        return self.draw(
            request,
            "desk/form.html",
            _("Answer to %(name)s") % {"name": row},
            form=form,
            submit_text=_("Upload"),
            back_url=self.url_for(row),
        )
