"""Why can't they pay? Everything that stands in a person's way and who resolves it by when; who has a problem in a region."""

from dataclasses import dataclass
from datetime import date, datetime

from bureau.clock import day_of
from bureau.errors import BureauError, gettext_noop
from payments.models import ChannelTerms
from payments.services import agents, channels, obstacles, statements
from payments.services.obstacles import Obstacle, Standing
from payments.states import ReceivableState

PAGE = 100
_OWING = frozenset({ReceivableState.ASSESSED, ReceivableState.PUSHED, ReceivableState.REVERSED})
IN_BULK = ("MULTI_RECEIVABLE", "NO_RECEIVABLE", "PERSON_DATA_INCOMPLETE", "EMPLOYEE_ACTIVE", "OPEN_ORDER", "NO_CARD_BOUND",
           "STOP_NOT_SYNCED", "DUP_PAYMENT", "DEBITED_NOT_POSTED")  # fmt: skip
"""Problems that a desk works off for a whole region."""


class NotInBulk(BureauError):
    """A problem of one person's day is asked of one person."""

    code = "PROBLEM_NOT_IN_BULK"
    message = gettext_noop("%(problem)s is not listed for a region.")


@dataclass(frozen=True)
class Reason:
    """A problem that applies, and the day by which it is resolved (None: when the person comes back)."""

    obstacle: Obstacle
    due_on: date | None


@dataclass(frozen=True)
class WhyNot:
    """The answer for one person, year and moment; `closed`: what each channel says against an order there."""

    standing: Standing
    reasons: list[Reason]
    closed: dict[str, list[Obstacle]]

    @property
    def payable(self) -> bool:
        """Whether nothing blocks a payment in every channel."""
        return not self.standing.blocking


def ask(*, person_id: int, year: int, at: datetime) -> WhyNot:
    """Everything that stands in a person's way on the day of ``at``, most urgent first; changes nothing."""
    on = day_of(at)
    standing = obstacles.standing_of(person_id=person_id, year=year, on=on, at=at)
    found = sorted([*standing.obstacles, *_villages(standing)], key=lambda one: one.problem.rank)
    reasons = [Reason(one, _due(one, on)) for one in found]
    return WhyNot(standing, reasons, _channels(standing))


def _villages(standing: Standing) -> list[Obstacle]:
    """Somebody who owes may have paid a village agent whose receipt nobody keyed in (P31)."""
    owing = {row.region_id for row in standing.receivables if row.state in _OWING}
    return [
        obstacles.named(
            "RECEIPT_PASSED_OVER",
            agent=one.agent_id,
            collector=f"{one.name} {one.village}",
            receipts=one.receipts,
        )
        for one in (agents.passed_over(regions=sorted(owing)) if owing else [])
    ]


def _due(obstacle: Obstacle, on: date) -> date | None:
    """The day that is known of the problem itself, else so many working days from now."""
    for name in ("due_on", "locked_until", "ready_at", "next_run", "window_open"):
        told = None if name == "window_open" and obstacle.code != "NOT_OPEN" else obstacle.evidence.get(name)
        if told:
            return day_of(datetime.fromisoformat(told)) if "T" in told else date.fromisoformat(told)
    days = obstacle.problem.days
    return obstacles.workday_after(on, days) if days else None


def _channels(standing: Standing) -> dict[str, list[Obstacle]]:
    if standing.region_id is None or standing.answer is None:
        return {}
    told = {}
    for channel in (
        ChannelTerms.objects.filter(region=None).order_by("channel").values_list("channel", flat=True)
    ):
        terms = channels.terms_of(channel=channel, region_id=standing.region_id)
        if terms.mode != ChannelTerms.Mode.BATCH:
            told[channel] = obstacles.of_channel(
                channel=channel, region_id=standing.region_id, year=standing.year
            )
    return told


@dataclass(frozen=True)
class Listed:
    """A person of a region who has a problem."""

    person_id: int
    name: str
    detail: str


def in_region(*, problem: str, region_id: str, year: int, after: int = 0, size: int = PAGE) -> list[Listed]:
    """A page of the people of a region who have ``problem`` (one of IN_BULK) for ``year``, by person. Raises NotInBulk."""
    if problem not in IN_BULK:
        raise NotInBulk(problem=problem)
    rows = statements.rows(f"problems/{problem.lower()}", region=region_id, year=year, after=after, size=size)
    return [Listed(row["person_id"], row["name"], str(row["detail"] or "")) for row in rows]
