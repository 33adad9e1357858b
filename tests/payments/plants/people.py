"""Damage to what people and workers did: second persons, moves, guards, history, regions, stuck work."""

from tests.payments.plants.plant import DROP, Plant, plant

PEOPLE = [
    plant(
        "I09",
        (
            DROP.format("payments_debitbatch", "batch_second_person"),
            "UPDATE payments_debitbatch SET released_by_id = made_by_id WHERE id = {b.batch.pk}",
        ),
        "batch",
        "{b.batch.pk}",
        "RELEASED_BY_ITS_MAKER",
    ),
    plant(
        "I09",
        (
            DROP.format("payments_bankfile", "bankfile_second_person"),
            "UPDATE payments_bankfile SET released_by_id = uploaded_by_id, released_at = now() "
            "WHERE id = {b.file.pk}",
        ),
        "file",
        "{b.file.pk}",
        "RELEASED_BY_ITS_UPLOADER",
    ),
    plant(
        "I09",
        (
            DROP.format("bureau_proposal", "proposal_second_person"),
            "UPDATE bureau_proposal SET reviewed_by_id = made_by_id",
        ),
        "proposal",
        "{proposal}",
        "APPROVED_BY_ITS_MAKER",
    ),
    plant(
        "I09",
        (
            DROP.format("enrollment_policy", "policy_second_person"),
            "UPDATE enrollment_policy SET made_by_id = {b.home.clerk.pk}, "
            "published_by_id = {b.home.clerk.pk} WHERE id = {policy}",
        ),
        "policy",
        "{policy}",
        "PUBLISHED_BY_ITS_MAKER",
    ),
    plant(
        "I09",
        "UPDATE bureau_proposal SET state = 'REJECTED'",
        "instruction",
        "{b.released.pk}",
        "RELEASED_WITHOUT_TWO_PERSONS",
    ),
    plant(
        "I23",
        "INSERT INTO bureau_user_groups (user_id, group_id) "
        "SELECT {b.home.clerk.pk}, id FROM auth_group WHERE name = 'supervisor'",
        "user",
        "{b.home.clerk.pk}",
        "CONFLICTING_ROLES",
    ),
    plant(
        "I22",
        "UPDATE payments_debitbatch SET made_by_id = {b.away.clerk.pk} WHERE id = {b.batch.pk}",
        "batch",
        "{b.batch.pk}",
        "ACTED_OUTSIDE_REGION",
    ),
]

MOVES = [
    plant("I10", sql, what, key, "MOVE_NOT_LISTED")
    for sql, what, key in [
        (
            "UPDATE bureau_proposal SET state = 'OPEN', reviewed_by_id = NULL, reviewed_at = NULL",
            "proposal",
            "{proposal}",
        ),
        (
            "UPDATE enrollment_enrollmentevent SET state = '4' WHERE pgh_obj_id = {b.exempt.enrollment_id}",
            "enrolment",
            "{b.exempt.enrollment_id}",
        ),
        (
            "UPDATE enrollment_policy SET state = 'DRAFT', in_force = NULL WHERE id = {policy}",
            "policy",
            "{policy}",
        ),
        (
            "UPDATE payments_mandate SET state = 'SIGNED' WHERE id = {b.settled.mandate_id}",
            "mandate",
            "{b.settled.mandate_id}",
        ),
        (
            "UPDATE payments_debitbatch SET state = 'FROZEN', released_by_id = NULL, released_at = NULL "
            "WHERE id = {b.batch.pk}",
            "batch",
            "{b.batch.pk}",
        ),
        ("UPDATE payments_bankfile SET state = 'QUEUED' WHERE id = {b.file.pk}", "file", "{b.file.pk}"),
        ("UPDATE payments_filechunk SET state = 'TODO' WHERE id = {chunk}", "chunk", "{chunk}"),
        (
            "UPDATE payments_workitemevent SET state = 'RESOLVED' WHERE pgh_obj_id = {work}",
            "work item",
            "{work}",
        ),
    ]
]

GUARDS = [
    plant("I11", sql, "table", table, problem)
    for sql, table, problem in [
        (
            "DROP TRIGGER {guard[payments_bankline]} ON payments_bankline",
            "payments_bankline",
            "GUARD_MISSING",
        ),
        (
            "ALTER TABLE payments_workitem DISABLE TRIGGER {moves[payments_workitem]}",
            "payments_workitem",
            "GUARD_SWITCHED_OFF",
        ),
        (
            "ALTER TABLE enrollment_person DISABLE TRIGGER {history[enrollment_person]}",
            "enrollment_person",
            "GUARD_SWITCHED_OFF",
        ),
        (
            "ALTER TABLE payments_payment_2025 DISABLE TRIGGER {guard[payments_payment]}",
            "payments_payment_2025",
            "GUARD_SWITCHED_OFF",
        ),
        ("DROP TRIGGER no_truncate ON enrollment_coverage_2025", "enrollment_coverage_2025", "GUARD_MISSING"),
        (
            "ALTER TABLE payments_instruction_2025 DISABLE TRIGGER no_truncate",
            "payments_instruction_2025",
            "GUARD_SWITCHED_OFF",
        ),
        (
            "CREATE OR REPLACE FUNCTION {guard[payments_reversal]}() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RETURN NEW; END'",
            "payments_reversal",
            "GUARD_HOLLOW",
        ),
    ]
] + [
    plant("I11", sql, "file", "{b.file.pk} bucket " + bucket, "LINES_MISSING_OR_ADDED")
    for sql, bucket in [
        ("DELETE FROM payments_bankline WHERE id = {b.file.pk}00000003", "4"),
        ("UPDATE payments_bankline SET due = due + 1 WHERE id = {b.file.pk}00000002", "3"),
        ("UPDATE payments_bankline SET debited = debited + 1 WHERE id = {b.file.pk}00000004", "5"),
    ]
]

IDENTITY = [
    plant(
        "I16",
        "UPDATE enrollment_person SET id_number = '450802199008150014' WHERE id = {b.pending.person_id}",
        "person",
        "{b.pending.person_id}",
        "ID_CHECK_DIGIT",
    ),
    plant(
        "I16",
        (
            DROP.format("enrollment_person", "person_id_card_format"),
            "UPDATE enrollment_person SET id_number = '450802900815001' WHERE id = {b.pending.person_id}",
        ),
        "person",
        "{b.pending.person_id}",
        "ID_FORM",
    ),
    plant(
        "I16",
        (
            DROP.format("enrollment_person", "person_id_number_normal"),
            "UPDATE enrollment_person SET id_type = '08', id_number = 'e12345678' "
            "WHERE id = {b.pending.person_id}",
        ),
        "person",
        "{b.pending.person_id}",
        "ID_NOT_NORMALISED",
    ),
    plant(
        "I16",
        (
            DROP.format("enrollment_person", "person_id_number_once"),
            "UPDATE enrollment_person SET id_number = '11010519491231002X' "
            "WHERE id IN ({b.settled.person_id}, {b.pending.person_id})",
        ),
        "person",
        "{b.pending.person_id}",
        "ID_TWICE",
    ),
    plant(
        "I16",
        (
            "DROP INDEX enrollment_one_live",
            "INSERT INTO enrollment_enrollment (person_id, region_id, scheme, state, started_on, reason) "
            "VALUES ({b.pending.person_id}, '450800', '390', '1', '2024-10-01', '')",
        ),
        "enrolment",
        "{last_enrolment}",
        "TWO_LIVE_ENROLMENTS",
    ),
]

HISTORY = [
    Plant(
        "I18",
        ("UPDATE enrollment_person SET name = '李四' WHERE id = {b.pending.person_id}",),
        (("person", "{b.pending.person_id}", "CHANGED_WITHOUT_HISTORY"),),
    ),
    Plant(
        "I18",
        ("DELETE FROM payments_filechunk WHERE id = {chunk}",),
        (("filechunk", "{chunk}", "CHANGED_WITHOUT_HISTORY"),),
    ),
    Plant(
        "I18",
        (
            "INSERT INTO enrollment_priorcover (person_id, benefit_year, scheme, source) "
            "VALUES ({b.pending.person_id}, 2024, '390', '')",
        ),
        (("priorcover", "{last_prior}", "CHANGED_WITHOUT_HISTORY"),),
    ),
]

STUCK = [
    plant("I21", sql, "file", "{b.held_file.pk}", problem)
    for sql, problem in [
        (
            (
                "UPDATE payments_bankfile SET state = 'RUNNING' WHERE id = {b.held_file.pk}",
                "UPDATE payments_filelease SET expires_at = now() - interval '301 seconds' "
                "WHERE file_id = {b.held_file.pk}",
            ),
            "LEASE_EXPIRED",
        ),
        (
            (
                "UPDATE payments_bankfile SET state = 'RUNNING' WHERE id = {b.held_file.pk}",
                "UPDATE payments_filelease SET attempts = 4 WHERE file_id = {b.held_file.pk}",
            ),
            "TOO_MANY_ATTEMPTS",
        ),
    ]
]

REGIONS = [
    plant("I22", f"UPDATE {table} SET region_id = '450900' WHERE {row}", what, key, "REGION_DIFFERS", times)
    for table, row, what, key, times in [
        ("payments_receivable", "id = {b.exempt.pk}", "receivable", "{b.exempt.pk}", 1),
        ("payments_assessment", "TRUE", "later amount", "{b.reassessed.pk}01", 1),
        ("payments_instruction", "id = {b.pending.pk}", "instruction", "{b.pending.pk}", 2),
        ("payments_instructionrelease", "TRUE", "released instruction", "{b.released.pk}", 1),
        ("payments_hold", "id = {b.pending.receivable_id}", "hold", "{b.pending.receivable_id}", 1),
        ("payments_bankline", "id = {b.file.pk}00000002", "bank line", "{b.file.pk}00000002", 1),
        ("payments_filetally", "id = {tally}", "tally", "{tally}", 1),
        ("payments_payment", "id = {b.counter.pk}", "payment", "{b.counter.pk}", 1),
        ("payments_duplicatepayment", "TRUE", "duplicate", "{b.away_file.pk}00000001", 1),
        ("payments_reversal", "TRUE", "reversal", "{b.second.pk}00000003", 1),
        ("enrollment_coverage", "id = {b.counter.pk}", "cover", "{b.counter.pk}", 1),
        ("payments_workitem", "id = {work}", "work item", "{work}", 1),
    ]
]
for _index, _plant in enumerate(REGIONS):
    if _plant.seen[0][0] == "receivable":
        # Its cover still says where it was, its terms are those of where it was.
        REGIONS[_index] = _plant._replace(
            seen=(
                *_plant.seen,
                ("cover", "{b.exempt.pk}00", "REGION_DIFFERS"),
                ("receivable", "{b.exempt.pk}", "POLICY_OF_ANOTHER_REGION"),
            )
        )
REGIONS.append(
    Plant(
        "I22",
        ("UPDATE payments_bankfile SET region_id = '510000' WHERE id = {b.held_file.pk}",),
        (
            ("file", "{b.held_file.pk}", "REGION_DIFFERS"),
            ("file", "{b.held_file.pk}", "ACTED_OUTSIDE_REGION"),
        ),
    )
)
