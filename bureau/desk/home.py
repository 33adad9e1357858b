"""The home page: what waits for me, the year's figures from the files' own tallies, the last files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, Sum, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from bureau import access, clock, doors, proposals
from bureau.desk import navigation
from bureau.pages import Bar, Part
from payments.models import BankFile, DebitBatch, DebitCase, FileTally, WorkItem
from payments.states import BatchState, Bucket, DebitCaseState, FileState, WorkState
from payments.words import BUCKET_NAMES, BUCKET_TONES, FILE_STATES, state_badge
from refunds.models import RefundCandidate, RefundCase
from refunds.states import RUNNING, CandidateState, CaseState

SHOWN = 8
LAST_FILES = 6


@dataclass(frozen=True)
class Tile:
    """A number that waits, and where to work on it."""

    label: Any
    number: str
    url: str
    alarm: bool = False


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill unfold's index page; a fixed number of queries, none over a big table."""
    user = request.user
    desk: dict[str, Any] = {"tiles": [], "no_role": not access.roles(user), "title": _("Home")}
    if access.may(user, "proposal.view"):
        desk["proposals"] = list(proposals.waiting_for(doors.me(request))[:SHOWN])
        number = navigation.proposals_waiting(request)
        desk["tiles"].append(
            Tile(
                _("Wait for my decision"),
                navigation.capped(number),
                reverse("admin:bureau_proposal_changelist"),
                number > 0,
            )
        )
    if access.may(user, "work.view"):
        desk |= _work(request, desk["tiles"])
    if access.may(user, "file.view"):
        desk |= _files(request, desk["tiles"])
    if access.may(user, "application.view"):
        number = navigation.applications_waiting(request)
        url = reverse("admin:enrollment_enrolmentapplication_changelist")
        desk["tiles"].append(Tile(_("Online applications"), navigation.capped(number), url))
    if access.may(user, "refund.view"):
        desk["tiles"] += _refunds(request)
    if access.may(user, "money.view"):
        desk |= _year(request)
    if access.may(user, "file.requeue"):
        desk["parked"] = _parked(request)
        desk["parked_only"] = not access.may(user, "file.view")
    return {**context, "desk": desk, "title": _("Home")}


def _work(request: HttpRequest, tiles: list[Tile]) -> dict[str, Any]:
    user, today = request.user, clock.today()
    waiting = access.for_user(WorkItem.objects.exclude(state=WorkState.RESOLVED), user)
    url = reverse("admin:payments_workitem_changelist")
    late = len(waiting.filter(due_on__lt=today).values_list("id")[: navigation.MOST + 1])
    due = len(waiting.filter(due_on=today).values_list("id")[: navigation.MOST + 1])
    if access.may(user, "work.handle"):
        tiles.append(
            Tile(_("In my hands"), navigation.capped(navigation.work_taken(request)), f"{url}?who=mine")
        )
    tiles.append(Tile(_("Overdue work"), navigation.capped(late), f"{url}?due_to={today}", late > 0))
    tiles.append(Tile(_("Due today"), navigation.capped(due), f"{url}?due_to={today}"))
    mine_first = Case(
        When(Q(state=WorkState.TAKEN, taken_by_id=user.pk), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    shown = waiting.filter(Q(state=WorkState.OPEN) | Q(taken_by_id=user.pk)).select_related(
        "person", "region"
    )
    return {"work": list(shown.order_by(mine_first, "due_on", "id")[:SHOWN]), "today": today}


def _files(request: HttpRequest, tiles: list[Tile]) -> dict[str, Any]:
    user, url = request.user, reverse("admin:payments_bankfile_changelist")
    files = access.for_user(BankFile.objects.all(), user)
    for label, state in ((_("Held files"), FileState.HELD), (_("Parked files"), FileState.PARKED)):
        number = len(files.filter(state=state).values_list("id")[: navigation.MOST + 1])
        tiles.append(Tile(label, navigation.capped(number), f"{url}?state={state.value}", number > 0))
    last = list(files.select_related("bank", "region", "batch").order_by("-id")[:LAST_FILES])
    return {
        "files": [(file, state_badge(FILE_STATES, file.state), file_bar(file.report)) for file in last],
    }


def _refunds(request: HttpRequest) -> list[Tile]:
    """What waits for the desks of this person: to sign, to mend, to pay out, late; and money that the bank owes back itself."""
    user, today = request.user, clock.today()
    url, live = reverse("admin:refunds_refundcase_changelist"), RefundCase.objects.all()
    waiting: list[tuple[bool, Any, Any, str, bool]] = [
        (access.may(user, "refund.request"), _("Refunds to mend"),
         live.filter(state__in=[CaseState.RETURNED, CaseState.PAY_FAILED]), f"{url}?show=mend", True),
        (access.may(user, "refund.payout"), _("Refunds to pay out"),
         live.filter(state=CaseState.TAX_APPROVED), f"{url}?show=payout", False),
        (True, _("Overdue refunds"), live.filter(state__in=RUNNING, target_on__lt=today), f"{url}?show=late", True),
        (access.may(user, "refund.request"), _("Possible refunds"),
         RefundCandidate.objects.filter(state=CandidateState.OPEN), reverse("admin:refunds_refundcandidate_changelist"), False),
        (True, _("The bank owes back"), DebitCase.objects.filter(state=DebitCaseState.ESCALATED),
         f"{reverse('admin:payments_debitcase_changelist')}?state=ESCALATED", True),
    ]  # fmt: skip
    tiles = []
    if access.may(user, "refund.review") or access.may(user, "refund.approve"):
        number = navigation.refunds_waiting(request)
        tiles.append(Tile(_("Refunds to sign"), navigation.capped(number), f"{url}sign/"))
    for mine, label, rows, where, alarm in waiting:
        if mine:
            number = len(access.for_user(rows, user).values_list("id")[: navigation.MOST + 1])
            tiles.append(Tile(label, navigation.capped(number), where, alarm and number > 0))
    return tiles


def file_bar(report: Mapping[str, Any]) -> Bar | None:
    """The buckets of a file's report as a bar; None for a file without lines."""
    buckets = report.get("buckets", {})
    parts = [
        Part(BUCKET_NAMES[bucket], int(buckets.get(bucket.name, {}).get("lines", 0)), BUCKET_TONES[bucket])
        for bucket in Bucket
    ]
    bar = Bar(parts)
    return bar if bar.total else None


def _year(request: HttpRequest) -> dict[str, Any]:
    """The latest benefit year that has a batch: what was asked for and what came of it, summed from batches and tallies."""
    batches = access.for_user(DebitBatch.objects.exclude(state=BatchState.DROPPED), request.user)
    year = batches.order_by("-benefit_year").values_list("benefit_year", flat=True).first()
    if year is None:
        return {"year": None}
    asked = batches.filter(benefit_year=year).aggregate(
        lines=Sum("lines", filter=Q(state=BatchState.RELEASED)),
        amount=Sum("amount", filter=Q(state=BatchState.RELEASED)),
    )
    tallies = access.for_user(FileTally.objects.filter(file__batch__benefit_year=year), request.user)
    sums = {
        row["bucket"]: row
        for row in tallies.values("bucket")
        .order_by("bucket")
        .annotate(
            all_lines=Sum("lines"),
            again=Sum("repeated"),
            money=Sum("debited"),
            money_again=Sum("repeated_debited"),
        )
    }
    parts = []
    for bucket in Bucket:
        row = sums.get(bucket.value)
        number = row["all_lines"] - row["again"] if row else 0
        money = row["money"] - row["money_again"] if row else None
        parts.append(Part(BUCKET_NAMES[bucket], number, BUCKET_TONES[bucket], amount=money))
    return {
        "year": year,
        "asked_lines": asked["lines"] or 0,
        "asked_amount": asked["amount"],
        "year_bar": Bar(parts),
    }


def _parked(request: HttpRequest) -> list[BankFile]:
    """Files that gave up, for those who may queue them again; a system administrator sees counts only."""
    parked = BankFile.objects.filter(state=FileState.PARKED).select_related("lease", "region")
    return list(access.for_user(parked, request.user).order_by("id")[:SHOWN])
