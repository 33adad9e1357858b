"""States of an enrolment (psn_insu_stas of the national platform) and of a policy version, with their moves."""

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
