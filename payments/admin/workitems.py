"""Work items: a queue by due date that can be worked off with the keyboard."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bureau import access, clock, doors
from bureau.clock import BUREAU_ZONE
from bureau.errors import BureauError
from bureau.exportadmin import ExportableAdmin
from bureau.exports import streamed
from bureau.filters import RegionFilter, SelectFilter, by_choices, by_day
from bureau.identity import mask_name
from bureau.pages import NOTHING, Choice, Detail, Fact, Table, badge, day, link, moment, money
from payments.admin.bankwords import comparison, texts_of
from payments.admin.common import InsuredColumns, line_link, person_link
from payments.models import BankLine, Instruction, WorkItem, WorkKind
from payments.services import swaps, workitems
from payments.states import WorkState
from payments.words import (
    LINE_REASONS,
    WORK_ADVICE,
    WORK_STATES,
    WORK_TONES,
    line_reason,
    meaning,
    resolution,
    state_badge,
)

MOST_AT_ONCE = 200
QUICK = (
    gettext_lazy("Asked the bank; correct answer received."),
    gettext_lazy("Money goes back to the payer, original path."),
    gettext_lazy("Known; nothing to do."),
)


class WhoFilter(SelectFilter):
    """Whose work: by default all that waits."""

    kind = "chip"
    title = gettext_lazy("work")
    parameter_name = "who"

    def options(self, request: HttpRequest) -> Sequence[tuple[str, Any]]:
        """Waiting, mine, nobody's, resolved."""
        return [(name, "") for name in ("waiting", "mine", "open", "resolved")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The chosen ones."""
        match self.chosen or "waiting":
            case "mine":
                return queryset.filter(state=WorkState.TAKEN, taken_by_id=request.user.pk)
            case "open":
                return queryset.filter(state=WorkState.OPEN)
            case "resolved":
                return queryset.filter(state=WorkState.RESOLVED)
            case _waiting:
                return queryset.exclude(state=WorkState.RESOLVED)


@admin.register(WorkItem)
class WorkItemAdmin(InsuredColumns, ExportableAdmin):
    """The queue of work, by due date."""

    export_what = "work_items"
    export_label = gettext_lazy("work items")
    view_action = "work.view"
    keyset = ("due_on", "id")
    split_by_region = True
    list_right = ("yuan",)
    list_display = (
        "pick",
        "due",
        "kind_shown",
        "insured",
        "yuan",
        "why",
        "state_shown",
        "holder",
        "region_name",
    )
    list_display_links = ("kind_shown",)
    list_select_related = ("person", "region", "taken_by")
    list_filter = (
        WhoFilter,
        by_choices("kind", gettext_lazy("kind"), WorkKind.choices),
        by_day("due_to", gettext_lazy("due until"), "due_on__lte"),
        RegionFilter,
    )
    change_list_template = "desk/workitems.html"
    detail_template = "desk/workitem.html"
    routes = (
        ("next/", "next", "next_item"),
        ("bulk/", "bulk", "bulk"),
        ("<int:pk>/act/", "act", "act"),
    )
    empty_text = gettext_lazy("Nothing waits here. Well done.")

    # ---------------------------------------------------------------- the list

    def shortcuts(self, request: HttpRequest) -> Sequence[Choice]:
        """Waiting, mine, nobody's, resolved."""
        chosen = request.GET.get("who", "waiting")
        names = (
            ("waiting", _("Waiting")),
            ("mine", _("Mine")),
            ("open", _("Nobody's")),
            ("resolved", _("Resolved")),
        )
        return [Choice(name, f"?who={value}", value == chosen) for value, name in names]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The queue, with what can be done to several items at once."""
        handles = access.may(request.user, "work.handle")
        return super().changelist_view(request, {**(extra_context or {}), "handles": handles, "quick": QUICK})

    def get_list_display(self, request: HttpRequest) -> Any:
        """Boxes to tick only for those who handle work."""
        shown = super().get_list_display(request)
        return (
            shown if access.may(request.user, "work.handle") else [name for name in shown if name != "pick"]
        )

    @admin.display(
        description=format_html(
            '<input type="checkbox" data-all="item" aria-label="{}">', gettext_lazy("all")
        )
    )
    def pick(self, row: WorkItem) -> Any:
        """A box that belongs to the form below the list."""
        if row.state == WorkState.RESOLVED:
            return ""
        return format_html(
            '<input type="checkbox" name="item" value="{}" form="bulk" aria-label="#{}">', row.pk, row.pk
        )

    @admin.display(description=gettext_lazy("due on"))
    def due(self, row: WorkItem) -> Any:
        """The due date; overdue work is red."""
        late = row.state != WorkState.RESOLVED and row.due_on < clock.today()
        return badge(day(row.due_on), "danger") if late else day(row.due_on)

    @admin.display(description=gettext_lazy("kind"))
    def kind_shown(self, row: WorkItem) -> Any:
        """A coloured label."""
        return badge(row.get_kind_display(), WORK_TONES.get(row.kind, ""))

    @admin.display(description=gettext_lazy("reason"))
    def why(self, row: WorkItem) -> str:
        """In words."""
        return line_reason(row.reason)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, row: WorkItem) -> Any:
        """A coloured label."""
        return state_badge(WORK_STATES, row.state)

    @admin.display(description=gettext_lazy("taken by"))
    def holder(self, row: WorkItem) -> str:
        """In whose hands."""
        return row.taken_by.get_full_name() or row.taken_by.username if row.taken_by else NOTHING

    # ---------------------------------------------------------------- one item

    def detail(self, request: HttpRequest, row: WorkItem) -> Detail:
        """What happened, what the bank says beside what we asked, the notes, and what can be done."""
        item = WorkItem.objects.select_related("person", "region", "file", "taken_by", "resolved_by").get(
            pk=row.pk
        )
        user = doors.me(request)
        line = BankLine.objects.filter(pk=item.line_id).first() if item.line_id else None
        number = item.instruction_id or (line.instruction_id if line else None)
        asked = (
            Instruction.objects.select_related("batch", "person").filter(pk=number).first()
            if number
            else None
        )
        facts = [
            Fact(_("insured"), person_link(user, item.person)),
            Fact(_("region"), item.region.name),
            Fact(_("amount"), money(item.amount)),
            Fact(_("due on"), self.due(item)),
            Fact(_("taken by"), self.holder(item)),
            Fact(_("opened at"), moment(item.opened_at)),
            Fact(_("bank line"), line_link(user, item.line_id)),
            Fact(_("file"), self._file(item)),
            Fact(_("reason"), line_reason(item.reason) or NOTHING, wide=True),
        ]
        if line is not None and line.code:
            facts.append(Fact(_("bank's answer"), f"{line.code} {meaning(line.internal)}", wide=True))
        facts.append(
            Fact(
                _("what to do"),
                WORK_ADVICE.get(item.reason) or WORK_ADVICE.get(item.kind, NOTHING),
                wide=True,
            )
        )
        facts += [*_duplicate(user, item), *_resolution(item)]
        tables = []
        if line is not None:
            columns = [_("field"), _("we asked"), _("the bank says"), ""]
            rows = comparison(line, asked, texts_of([line]).get(line.pk))
            tables.append(Table(_("The bank's line beside our instruction"), columns, rows))
        notes = [
            [moment(note.at), note.by.get_full_name() or note.by.username, note.text]
            for note in item.notes.select_related("by")
        ]
        tables.append(Table(_("Notes"), [_("at"), _("by"), _("note")], notes, _("No notes yet.")))
        return Detail(
            f"#{item.pk} {item.get_kind_display()}",
            facts,
            tables,
            [self.state_shown(item)],
            extra={"item": item, "quick": QUICK, **self._may(user, item)},
        )

    def _file(self, item: WorkItem) -> Any:
        return (
            link(item.file.name, reverse("admin:payments_bankfile_change", args=[item.file_id]))
            if item.file
            else NOTHING
        )

    def _may(self, user: Any, item: WorkItem) -> dict[str, bool]:
        handles, mine = access.may(user, "work.handle"), item.taken_by_id == user.pk
        taken = item.state == WorkState.TAKEN
        return {
            "handles": handles,
            "may_take": handles and item.state == WorkState.OPEN,
            "may_give_back": handles and taken and (mine or access.Role.SUPERVISOR in access.roles(user)),
            "may_resolve": handles and (item.state == WorkState.OPEN or (taken and mine)),
        }

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take, give back, note, resolve: one service call; after a resolution comes the next item."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.found(request, str(pk))
        by = doors.me(request)
        text, at = request.POST.get("text", "")[:2000], clock.now()
        action = request.POST.get("action", "")
        calls: dict[str, tuple[Any, Any]] = {
            "take": (lambda: workitems.take(item_id=row.pk, by=by, at=at), _("It is yours.")),
            "give_back": (lambda: workitems.give_back(item_id=row.pk, by=by, at=at), _("Given back.")),
            "note": (lambda: workitems.add_note(item_id=row.pk, text=text, by=by, at=at), _("Noted.")),
            "resolve": (
                lambda: workitems.resolve(item_id=row.pk, resolution=text, by=by, at=at),
                _("Resolved."),
            ),
        }
        if action not in calls:
            return HttpResponseRedirect(self.url_for(row))
        call, done = calls[action]
        result = doors.attempt(request, call, done)
        if result is not None and action == "resolve":
            following = self._following(request, row)
            return HttpResponseRedirect(self.url_for(following) if following else self.url("changelist"))
        return HttpResponseRedirect(self.url_for(row))

    def _following(self, request: HttpRequest, row: WorkItem) -> WorkItem | None:
        """What to work on next: one's own first, then the same kind, then whatever is due first."""
        mine = Q(state=WorkState.TAKEN, taken_by_id=request.user.pk)
        order = Case(
            When(mine, then=Value(0)),
            When(kind=row.kind, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        waiting = self.get_queryset(request).filter(Q(state=WorkState.OPEN) | mine)
        return waiting.order_by(order, "due_on", "id").first()

    def next_item(self, request: HttpRequest) -> HttpResponse:
        """Take what is due first and open it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by = doors.me(request)
        if not access.may(by, "work.handle"):
            raise PermissionDenied
        item = doors.attempt(request, lambda: workitems.take_next(by=by, at=clock.now()))
        if item is None:
            messages.info(request, _("Nothing is waiting to be taken."))
            return HttpResponseRedirect(self.url("changelist"))
        return HttpResponseRedirect(self.url_for(item))

    def bulk(self, request: HttpRequest) -> HttpResponse:
        """Take or resolve the ticked items, each by itself; what is refused is counted and named."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        by = doors.me(request)
        if not access.may(by, "work.handle"):
            raise PermissionDenied
        text, at = request.POST.get("text", "")[:2000], clock.now()
        picked = [
            int(one)
            for one in request.POST.getlist("item")
            if one.isascii() and one.isdigit() and len(one) < 19
        ]
        mine = self.get_queryset(request).filter(pk__in=picked[:MOST_AT_ONCE]).order_by("due_on", "id")
        done, refused = 0, ""
        for key in mine.values_list("pk", flat=True):
            try:
                if request.POST.get("action") == "resolve":
                    workitems.resolve(item_id=key, resolution=text, by=by, at=at)
                else:
                    workitems.take(item_id=key, by=by, at=at)
                done += 1
            except BureauError as error:
                refused = f"#{key}: {doors.words(error)}"
        if not picked:
            messages.warning(request, _("Please tick some items first."))
        if done:
            said = ngettext("%(number)s item done.", "%(number)s items done.", done) % {"number": done}
            messages.success(request, said)
        if refused:
            messages.error(request, refused)
        return doors.back(request, self.url("changelist"))

    # ---------------------------------------------------------------- the export

    def export_headings(self) -> Sequence[Any]:
        """The columns' names."""
        return (
            _("number"), _("kind"), _("region"), _("insured"), _("amount"), _("reason"), _("state"), _("due on"), _("opened at"),
            _("taken by"), _("resolved by"), _("resolved at"), _("resolution"), _("file"), _("line"),
        )  # fmt: skip

    def export_source(self, rows: models.QuerySet[WorkItem]) -> Any:
        """Work items with masked names."""
        kinds = {code: str(name) for code, name in WorkKind.choices}
        states = {code: str(words[0]) for code, words in WORK_STATES.items()}
        reasons = {code: str(name) for code, name in LINE_REASONS.items()}

        def read() -> Iterator[Sequence[Any]]:
            for row in streamed(
                rows, "id", "kind", "region__name", "person__name", "amount", "reason", "state", "due_on", "opened_at",
                "taken_by__username", "resolved_by__username", "resolved_at", "resolution", "file_id", "line_id",
            ):  # fmt: skip
                (
                    pk,
                    kind,
                    region,
                    name,
                    amount,
                    reason,
                    state,
                    due_on,
                    opened_at,
                    *hands,
                    resolved_at,
                    said,
                    file_id,
                    line,
                ) = row
                yield (
                    pk, kinds.get(kind, kind), region, mask_name(name) if name else "", amount, reasons.get(reason, reason),
                    states.get(state, state), due_on, opened_at.astimezone(BUREAU_ZONE), *hands,
                    resolved_at.astimezone(BUREAU_ZONE) if resolved_at else "", resolution(said), file_id,
                    line % 10**8 if line is not None else "",
                )  # fmt: skip

        return read


def _resolution(item: WorkItem) -> list[Fact]:
    """Who resolved it and how, once somebody has."""
    if item.state != WorkState.RESOLVED:
        return []
    who = item.resolved_by.get_full_name() or item.resolved_by.username if item.resolved_by else NOTHING
    return [
        Fact(_("resolved by"), f"{who} · {moment(item.resolved_at)}"),
        Fact(_("resolution"), resolution(item.resolution), wide=True),
    ]


def _duplicate(user: Any, item: WorkItem) -> list[Fact]:
    """The way to the duplicate that the item is about, or to the comparison with what carries the year."""
    if item.line_id is None or not access.may(user, "money.view"):
        return []
    compare = reverse("desk:duplicate", args=[item.line_id])
    if item.kind == WorkKind.SWAP:
        return [Fact(_("comparison"), link(_("Compare the two"), compare))]
    if item.reason == swaps.LEFT:
        return [
            Fact(_("duplicate payment"), link(_("Let it carry the year, or refund it"), compare), wide=True)
        ]
    return []
