"""States of an enrolment (psn_insu_stas of the national platform), of a policy version and of a recomputing, with their
moves.
"""

from enum import StrEnum


class EnrollmentState(StrEnum):
    """psn_insu_stas: 0 not enrolled, 1 enrolled, 2 suspended, 4 ended."""

    NOT_ENROLLED = "0"
    ENROLLED = "1"
    SUSPENDED = "2"
    ENDED = "4"


ENROLLMENT_MOVES: dict[str, frozenset[str]] = {
    EnrollmentState.NOT_ENROLLED: frozenset({EnrollmentState.ENROLLED, EnrollmentState.ENDED}),
    EnrollmentState.ENROLLED: frozenset({EnrollmentState.SUSPENDED, EnrollmentState.ENDED}),
    EnrollmentState.SUSPENDED: frozenset({EnrollmentState.ENROLLED, EnrollmentState.ENDED}),
    EnrollmentState.ENDED: frozenset(),
}


class PolicyState(StrEnum):
    """A policy version is drafted, published by a second person, and replaced by a later version."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    REPLACED = "REPLACED"
    DROPPED = "DROPPED"


POLICY_MOVES: dict[str, frozenset[str]] = {
    PolicyState.DRAFT: frozenset({PolicyState.PUBLISHED, PolicyState.DROPPED}),
    PolicyState.PUBLISHED: frozenset({PolicyState.REPLACED}),
    PolicyState.REPLACED: frozenset(),
    PolicyState.DROPPED: frozenset(),
}


class PolicyRunState(StrEnum):
    """Cover is recomputed after a publication: waiting, under way, done, given up until a person looks, or overtaken by
    a later version.
    """

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    PARKED = "PARKED"
    OVERTAKEN = "OVERTAKEN"


POLICY_RUN_MOVES: dict[str, frozenset[str]] = {
    PolicyRunState.QUEUED: frozenset(
        {PolicyRunState.RUNNING, PolicyRunState.DONE, PolicyRunState.PARKED, PolicyRunState.OVERTAKEN}
    ),
    PolicyRunState.RUNNING: frozenset({PolicyRunState.DONE, PolicyRunState.PARKED, PolicyRunState.OVERTAKEN}),
    PolicyRunState.DONE: frozenset(),
    PolicyRunState.PARKED: frozenset({PolicyRunState.QUEUED}),
    PolicyRunState.OVERTAKEN: frozenset(),
}


class ListState(StrEnum):
    """A list that came in: waiting to be read, being read, waiting for a choice of the sheet, read (its preview waits for a
    confirmation), confirmed, being applied, stopped by a person, applied, taken back; or refused, dropped, given up.
    """

    QUEUED = "QUEUED"
    READING = "READING"
    HELD = "HELD"
    READ = "READ"
    CONFIRMED = "CONFIRMED"
    APPLYING = "APPLYING"
    STOPPED = "STOPPED"
    APPLIED = "APPLIED"
    UNDONE = "UNDONE"
    REJECTED = "REJECTED"
    DROPPED = "DROPPED"
    PARKED = "PARKED"


LIST_MOVES: dict[str, frozenset[str]] = {
    ListState.QUEUED: frozenset({ListState.READING, ListState.PARKED, ListState.DROPPED}),
    ListState.READING: frozenset(
        {ListState.QUEUED, ListState.HELD, ListState.READ, ListState.REJECTED, ListState.PARKED}
    ),
    ListState.HELD: frozenset({ListState.QUEUED, ListState.DROPPED}),
    ListState.READ: frozenset({ListState.CONFIRMED, ListState.DROPPED}),
    ListState.CONFIRMED: frozenset({ListState.APPLYING, ListState.STOPPED, ListState.PARKED}),
    ListState.APPLYING: frozenset(
        {ListState.CONFIRMED, ListState.STOPPED, ListState.APPLIED, ListState.PARKED}
    ),
    ListState.STOPPED: frozenset({ListState.CONFIRMED, ListState.UNDONE}),
    ListState.APPLIED: frozenset({ListState.UNDONE}),
    ListState.UNDONE: frozenset(),
    ListState.REJECTED: frozenset(),
    ListState.DROPPED: frozenset(),
    ListState.PARKED: frozenset({ListState.QUEUED, ListState.CONFIRMED, ListState.DROPPED}),
}


class ApplicationState(StrEnum):
    """An online application waits, is in a clerk's hand, and is returned to the partner, accepted or rejected."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    RETURNED = "RETURNED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"


_DECIDED = frozenset({ApplicationState.RETURNED, ApplicationState.ACCEPTED, ApplicationState.REJECTED})
APPLICATION_MOVES: dict[str, frozenset[str]] = {
    ApplicationState.WAITING: _DECIDED | {ApplicationState.TAKEN},
    ApplicationState.TAKEN: _DECIDED | {ApplicationState.WAITING},
    ApplicationState.RETURNED: frozenset({ApplicationState.WAITING}),
    ApplicationState.ACCEPTED: frozenset(),
    ApplicationState.REJECTED: frozenset(),
}
