"""The counter: registering families, the life of enrolments, corrections, households; each change shown before it is saved."""
