"""What a change would move, shown before it is saved: the change is made, read, and rolled back.

So the preview cannot say anything else than what saving does: there is no second set of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import OperationalError, transaction
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bureau import access, clock
from bureau.models import User
from bureau.pages import NOTHING, Table, day, money, small
from enrollment.models import Change, Coverage, Enrollment, Person
from enrollment.models.changes import TransactionNumber
from enrollment.services import coverlife, whatif
from enrollment.services.policies import NoPolicy
from enrollment.states import EnrollmentState
from enrollment.whatif import sentence
from payments.models import Receivable
from payments.services import registerchanges
from payments.states import ReceivableState

T = TypeVar("T")
UNPAID = (ReceivableState.ASSESSED, ReceivableState.PUSHED, ReceivableState.REVERSED)
COLLECTING = (ReceivableState.DECLARED_UNPAID, ReceivableState.DEBITING)


@dataclass(frozen=True)
class Standing:
    """What a person is, owes and is covered for, at one moment."""

    enrolled: dict[int, Enrollment]
    due: dict[int, Any]
    cover: dict[int, Coverage]


@dataclass(frozen=True)
class Effects(Generic[T]):
    """What a rehearsal brought: its result, and a row for each thing that moves."""

    result: T
    rows: list[list[Any]] = field(default_factory=list)
    busy: bool = False

    @property
    def table(self) -> Table:
        """The rows under a title."""
        return Table(
            _("What saving will move"),
            [_("person"), _("what"), _("until now"), _("afterwards")],
            self.rows,
            _("Another assessment is running: the effects cannot be shown now; saving is possible.")
            if self.busy
            else _("Nothing that is due and no cover moves."),
        )


def rehearse(call: Callable[[], T], people: Collection[int] = (), *, by: User, at: datetime) -> Effects[T]:
    """Make the change and what the register's changes mean for money, compare, and roll all of it back.

    Of other regions than those of ``by`` only enrolments and their states are told. ``people`` are those whom the change
    may move beside those of its changes. Raises what ``call`` raises.
    """
    result: T
    with transaction.atomic():
        before = standings(people, by)
        last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
        result = call()
        made = list(Change.objects.filter(id__gt=last, xid=TransactionNumber()).order_by("id"))
        moved = sorted({*people, *(row.person_id for row in made)})
        try:
            with transaction.atomic():
                registerchanges.act(made, on=clock.day_of(at), at=at)
            busy = False
        except OperationalError:  # lock_timeout: a large assessment holds the year
            busy = True
        after = standings(moved, by)
        rows = _differences(moved, before, after, at)
        transaction.set_rollback(True)
    return Effects(result, rows, busy)


def standings(people: Collection[int], by: User) -> dict[int, Standing]:
    """Where each person stands now, as far as ``by`` may know."""
    found = {person_id: Standing({}, {}, {}) for person_id in people}
    enrolled = Enrollment.objects.filter(person_id__in=found).select_related("region").order_by("id")
    for row in enrolled:
        found[row.person_id].enrolled[row.pk] = row
    due = access.for_user(Receivable.objects.filter(person_id__in=found).with_state(), by)
    for one in due.select_related("region").order_by("id"):
        found[one.person_id].due[one.pk] = one
    for person_id in found:
        for cover in coverlife.in_force(person_id):
            if access.in_scope(by, cover.region_id):
                found[person_id].cover[cover.receivable_id] = cover
    return found


def _differences(
    people: Collection[int], before: dict[int, Standing], after: dict[int, Standing], at: datetime
) -> list[list[Any]]:
    names = {person.pk: person for person in Person.objects.filter(pk__in=list(people)).order_by("pk")}
    rows: list[list[Any]] = []
    for person_id in people:
        old = before.get(person_id, Standing({}, {}, {}))
        new = after[person_id]
        found = [*_enrolled(old, new), *_due(old, new, names[person_id], at), *_cover(old, new)]
        rows += [[names[person_id].name, *line] for line in found]
    return rows


def _enrolled(old: Standing, new: Standing) -> list[list[Any]]:
    def shown(row: Enrollment | None) -> str:
        if row is None:
            return NOTHING
        until = f" · {day(row.ended_on)}" if row.ended_on else ""
        return f"{row.get_state_display()}{until}"

    return [
        [_("enrolment in %(region)s") % {"region": row.region.name}, shown(old.enrolled.get(key)), shown(row)]
        for key, row in sorted(new.enrolled.items())
        if shown(old.enrolled.get(key)) != shown(row)
    ]


def _due(old: Standing, new: Standing, person: Person, at: datetime) -> list[list[Any]]:
    live = {row.pk for row in new.enrolled.values() if row.state == EnrollmentState.ENROLLED}
    alive = person.death_date is None
    rows: list[list[Any]] = []
    for key, row in sorted(new.due.items()):
        what = _("contribution %(year)s, %(region)s") % {"year": row.benefit_year, "region": row.region.name}
        former = old.due.get(key)
        if former is None:
            rows.append([what, NOTHING, _said_due(row, at)])
        elif former.amount_due != row.amount_due:
            rows.append([what, money(former.amount_due), money(row.amount_due)])
        stopped = row.enrollment_id not in live or not alive
        was = old.enrolled.get(row.enrollment_id)
        was_live = was is not None and was.state == EnrollmentState.ENROLLED
        if former is not None and stopped and was_live and row.state in UNPAID:
            rows.append([what, money(row.amount_due), _("unpaid; will not be debited any more")])
        if former is not None and stopped and was_live and row.state in COLLECTING:
            rows.append([what, money(row.amount_due), _("the bank is collecting it; the answer will come")])
    return rows


def _said_due(row: Any, at: datetime) -> Any:
    """The amount, and the sentence to read out if it is paid today."""
    told = money(row.amount_due)
    try:
        asked = whatif.ask(
            person_id=row.person_id,
            year=row.benefit_year,
            pay_date=clock.day_of(at),
            region_id=row.region_id,
        )
    except NoPolicy:
        return told
    chinese = (get_language() or "zh").startswith("zh")
    said = _("Paid today: %(said)s") % {"said": sentence(asked.answer, chinese=chinese)}
    return format_html("{}{}", told, small(said))


def _cover(old: Standing, new: Standing) -> list[list[Any]]:
    def shown(row: Coverage | None) -> str:
        if row is None:
            return NOTHING
        last = row.end and row.end.fromordinal(row.end.toordinal() - 1)
        return f"{day(row.start)} – {day(last)}" if row.start else _("no cover")

    return [
        [_("cover %(year)s") % {"year": row.benefit_year}, shown(old.cover.get(key)), shown(row)]
        for key, row in sorted(new.cover.items())
        if shown(old.cover.get(key)) != shown(row)
    ]
