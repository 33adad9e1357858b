"""What enrolment does: policies, the register, facts about persons, cover. The only writers of its tables."""
