"""Damage, planted by raw SQL as the owner with triggers off: what a check must name, and nothing else.

``sql`` and the keys of ``seen`` are templates over the clean books (``{b.settled.pk}``).
"""

from typing import NamedTuple

DROP = "ALTER TABLE {0} DROP CONSTRAINT {1}"


class Plant(NamedTuple):
    """A damage; ``seen``: the (what, key, problem) of every row that the check must name."""

    code: str
    sql: tuple[str, ...]
    seen: tuple[tuple[str, str, str], ...]


def plant(code: str, sql: str | tuple[str, ...], what: str, key: str, problem: str, times: int = 1) -> Plant:
    """A damage that is named by one row, or ``times`` the same row (two references of it are wrong)."""
    return Plant(code, (sql,) if isinstance(sql, str) else sql, ((what, key, problem),) * times)


PAYMENT = "{b.settled.receivable_id}00"
LINE = "{b.file.pk}00000001"

MONEY = [
    plant(
        "I01",
        "UPDATE payments_payment SET person_id = {b.settled.person_id} WHERE id = {b.counter.pk}",
        "payment",
        "{b.counter.pk}",
        "YEAR_PAID_TWICE",
    ),
    plant(
        "I01",
        "UPDATE payments_payment SET id = id + 1 WHERE id = {b.counter.pk}",
        "payment",
        "{b.counter.receivable_id}01",
        "PAID_AGAIN_WITHOUT_REVERSAL",
    ),
    plant(
        "I02",
        (
            DROP.format("payments_bankline", "bankline_bucket_known"),
            "UPDATE payments_bankline SET bucket = 9 WHERE id = " + LINE,
        ),
        "bank line",
        LINE,
        "NO_BUCKET",
    ),
    plant(
        "I02",
        "UPDATE payments_bankline SET id = {b.held_file.pk}00000002 WHERE id = {b.file.pk}00000003",
        "bank line",
        "{b.held_file.pk}00000002",
        "LINE_OF_A_FILE_NOT_APPLIED",
    ),
    plant(
        "I02",
        "UPDATE payments_bankline SET id = {b.file.pk}00000099 WHERE id = {b.file.pk}00000003",
        "bank line",
        "{b.file.pk}00000099",
        "NUMBER_OUTSIDE_FILE",
    ),
    *(
        plant("I03", f"UPDATE payments_bankfile SET {field} = {field} + 1 WHERE id = {{b.file.pk}}", "file", "{b.file.pk}", problem)
        for field, problem in [
            ("lines", "LINES_DIFFER_FROM_ORIGINAL"),
            ("amount", "AMOUNT_DIFFERS_FROM_ORIGINAL"),
            ("debited", "DEBITED_DIFFERS_FROM_ORIGINAL"),
        ]
    ),
    *(
        plant(
            "I03",
            f"UPDATE payments_bankfile SET header = header || '{{{{{change}}}}}'::jsonb WHERE id = {{b.file.pk}}",
            "file",
            "{b.file.pk}",
            problem,
        )
        for change, problem in [
            ('"lines": 8, "failed_lines": 3', "LINES_DIFFER_FROM_HEADER"),
            ('"amount": "2800.01"', "AMOUNT_DIFFERS_FROM_HEADER"),
            ('"ok_amount": "2000.01"', "DEBITED_DIFFERS_FROM_HEADER"),
            ('"ok_lines": 4, "failed_lines": 3', "OK_LINES_DIFFER_FROM_HEADER"),
            ('"failed_lines": 3', "HEADER_DOES_NOT_ADD_UP"),
            ('"failed_amount": "799.99"', "OTHER_AMOUNT_DIFFERS_FROM_HEADER"),
        ]
    ),
    plant(
        "I03",
        "UPDATE payments_filechunk SET state = 'TODO' WHERE file_id = {b.file.pk}",
        "chunk",
        "{b.file.pk}/1",
        "CHUNK_NOT_POSTED",
    ),
    *(
        plant("I04", sql, "bank line", key, "DEBITED_AND_NOWHERE")
        for sql, key in [
            (f"DELETE FROM payments_payment WHERE id = {PAYMENT}", LINE),
            ("DELETE FROM payments_duplicatepayment", "{b.away_file.pk}00000001"),
            ("DELETE FROM payments_workitem WHERE line_id = {b.file.pk}00000004", "{b.file.pk}00000004"),
            ("UPDATE payments_workitem SET amount = 399.99 WHERE line_id = {b.file.pk}00000006", "{b.file.pk}00000006"),
        ]
    ),
    plant(
        "I05",
        ("DROP INDEX bankfile_bytes_once", "UPDATE payments_bankfile SET sha256 = 'same' WHERE id IN ({b.file.pk}, {b.second.pk})"),
        "file",
        "{b.second.pk}",
        "SAME_BYTES",
    ),
    plant(
        "I06",
        "UPDATE payments_payment SET instruction_id = {b.settled.pk} WHERE id = {b.counter.pk}",
        "instruction",
        "{b.settled.pk}",
        "INSTRUCTION_BOOKED_TWICE",
    ),
    plant(
        "I06",
        "UPDATE payments_payment SET line_id = {b.away_file.pk}00000001 WHERE id = {b.counter.pk}",
        "bank line",
        "{b.away_file.pk}00000001",
        "LINE_BOOKED_TWICE",
    ),
    plant(
        "I06",
        (
            "DROP INDEX bankline_serial_booked_once",
            "UPDATE payments_bankline SET serial = 'same' WHERE id IN ({b.file.pk}00000001, {b.file.pk}00000005)",
        ),
        "bank line",
        "{b.file.pk}00000005",
        "SERIAL_BOOKED_TWICE",
    ),
    plant(
        "I06",
        f"UPDATE payments_payment SET channel = 'BANK_COUNTER', channel_serial = 'C-1' WHERE id = {PAYMENT}",
        "payment",
        "{b.counter.pk}",
        "CHANNEL_SERIAL_BOOKED_TWICE",
    ),
]

AMOUNTS = [
    plant("I08", (DROP.format(table, constraint), sql), what, key, "AMOUNT_IMPOSSIBLE")
    for table, constraint, sql, what, key in [
        ("payments_payment", "payment_amount_range", f"UPDATE payments_payment SET amount = 0 WHERE id = {PAYMENT}", "payment", PAYMENT),
        (
            "payments_duplicatepayment",
            "duplicate_amount_range",
            "UPDATE payments_duplicatepayment SET amount = -400",
            "duplicate",
            "{b.away_file.pk}00000001",
        ),
        ("payments_reversal", "reversal_amount_range", "UPDATE payments_reversal SET amount = 0", "reversal", "{b.second.pk}00000003"),
        (
            "payments_instruction",
            "instruction_amount_range",
            "UPDATE payments_instruction SET amount = 0 WHERE id = {b.pending.pk}",
            "instruction",
            "{b.pending.pk}",
        ),
        (
            "payments_receivable",
            "receivable_amount_range",
            "UPDATE payments_receivable SET standard = -1, amount = -1 WHERE id = {b.pending.receivable_id}",
            "receivable",
            "{b.pending.receivable_id}",
        ),
        (
            "payments_assessment",
            "assessment_amount_adds_up",
            "UPDATE payments_assessment SET standard = -1, aid = 0, amount = -1",
            "later amount",
            "{b.reassessed.pk}01",
        ),
        (
            "payments_workitem",
            "workitem_amount_range",
            "UPDATE payments_workitem SET amount = -1 WHERE id = (SELECT min(id) FROM payments_workitem)",
            "work item",
            "{work}",
        ),
        (
            "payments_bankline",
            "bankline_booked_evidence",
            "UPDATE payments_bankline SET debited = 0 WHERE id = " + LINE,
            "bank line",
            LINE,
        ),
    ]
] + [
    plant(
        "I08",
        "UPDATE payments_bankline SET due = -0.01 WHERE id = {b.file.pk}00000002",
        "bank line",
        "{b.file.pk}00000002",
        "AMOUNT_IMPOSSIBLE",
    ),
    plant(
        "I08",
        (
            "ALTER TABLE payments_payment ALTER amount TYPE numeric(14, 4)",
            f"UPDATE payments_payment SET amount = 400.005 WHERE id = {PAYMENT}",
        ),
        "payment",
        PAYMENT,
        "AMOUNT_IMPOSSIBLE",
    ),
    plant(
        "I08",
        (
            DROP.format("payments_receivable", "receivable_amount_adds_up"),
            "UPDATE payments_receivable SET amount = 300 WHERE id = {b.pending.receivable_id}",
        ),
        "receivable",
        "{b.pending.receivable_id}",
        "AMOUNT_DOES_NOT_ADD_UP",
    ),
    plant(
        "I08",
        (DROP.format("payments_assessment", "assessment_amount_adds_up"), "UPDATE payments_assessment SET amount = 300"),
        "later amount",
        "{b.reassessed.pk}01",
        "AMOUNT_DOES_NOT_ADD_UP",
    ),
]

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
            "UPDATE payments_bankfile SET released_by_id = uploaded_by_id, released_at = now() WHERE id = {b.file.pk}",
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
            "UPDATE enrollment_policy SET made_by_id = {b.home.clerk.pk}, published_by_id = {b.home.clerk.pk} WHERE id = {policy}",
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
        "INSERT INTO bureau_user_groups (user_id, group_id) SELECT {b.home.clerk.pk}, id FROM auth_group WHERE name = 'supervisor'",
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
        ("UPDATE payments_mandate SET state = 'SIGNED' WHERE id = {b.settled.mandate_id}", "mandate", "{b.settled.mandate_id}"),
        (
            "UPDATE payments_debitbatch SET state = 'FROZEN', released_by_id = NULL, released_at = NULL WHERE id = {b.batch.pk}",
            "batch",
            "{b.batch.pk}",
        ),
        ("UPDATE payments_bankfile SET state = 'QUEUED' WHERE id = {b.file.pk}", "file", "{b.file.pk}"),
        ("UPDATE payments_filechunk SET state = 'TODO' WHERE id = {chunk}", "chunk", "{chunk}"),
        ("UPDATE payments_workitemevent SET state = 'RESOLVED' WHERE pgh_obj_id = {work}", "work item", "{work}"),
    ]
]

GUARDS = [
    plant("I11", sql, "table", table, problem)
    for sql, table, problem in [
        ("DROP TRIGGER {guard[payments_bankline]} ON payments_bankline", "payments_bankline", "GUARD_MISSING"),
        ("ALTER TABLE payments_workitem DISABLE TRIGGER {moves[payments_workitem]}", "payments_workitem", "GUARD_SWITCHED_OFF"),
        ("ALTER TABLE enrollment_person DISABLE TRIGGER {history[enrollment_person]}", "enrollment_person", "GUARD_SWITCHED_OFF"),
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
            "CREATE OR REPLACE FUNCTION {guard[payments_reversal]}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
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

DAYS = [
    plant(
        "I12",
        "UPDATE payments_payment SET amount = amount - 1 WHERE id = " + PAYMENT,
        "day",
        "103 450800 2025-01-15",
        "RECEIVED_IS_NOT_EXPLAINED",
    ),
    Plant(
        "I12",
        ("UPDATE payments_duplicatepayment SET debited_on = '2025-01-16'",),
        (
            ("day", "103 510000 2025-01-15", "RECEIVED_IS_NOT_EXPLAINED"),
            ("day", "103 510000 2025-01-16", "RECEIVED_IS_NOT_EXPLAINED"),
        ),
    ),
    *(
        plant(
            "I13",
            f"UPDATE payments_payment SET debited_on = '{day}' WHERE id = {{b.counter.pk}}",
            "payment",
            "{b.counter.pk}",
            "PAID_OUTSIDE_THE_YEAR",
        )
        for day in ("2024-01-02", "2026-01-01")
    ),
]

COVER = [
    plant(
        "I14",
        "DELETE FROM enrollment_coverage WHERE id = {b.reversed.receivable_id}01",
        "cover",
        "{b.reversed.receivable_id}00",
        "COVER_OF_A_REVERSED_PAYMENT",
    ),
    plant(
        "I14",
        "DELETE FROM payments_payment WHERE id = {b.counter.pk}",
        "cover",
        "{b.counter.receivable_id}00",
        "COVER_WITHOUT_PAYMENT",
    ),
    plant(
        "I14",
        "UPDATE enrollment_coverage SET id = {b.pending.receivable_id}00 WHERE id = {b.exempt.pk}00",
        "cover",
        "{b.pending.receivable_id}00",
        "COVER_WITHOUT_PAYMENT",
    ),
    plant(
        "I14",
        "UPDATE enrollment_coverage SET person_id = {b.settled.person_id} WHERE id = {b.exempt.pk}00",
        "cover",
        "{b.exempt.pk}00",
        "TWO_COVERS_IN_FORCE",
    ),
    plant(
        "I14",
        "DELETE FROM enrollment_coverage WHERE id = {b.counter.pk}",
        "payment",
        "{b.counter.pk}",
        "PAID_AND_NO_COVER_DECIDED",
    ),
]


def _held(instruction: str, how: str) -> Plant:
    return plant(
        "I15",
        f"INSERT INTO payments_hold (id, region_id, instruction_id, held_at) SELECT id / 100, region_id, id, now() "
        f"FROM payments_instruction WHERE id = {{b.{instruction}.pk}}",
        "hold",
        f"{{b.{instruction}.receivable_id}}",
        f"HELD_THOUGH_{how}",
    )


HOLDS = [
    plant(
        "I15",
        "INSERT INTO payments_hold (id, region_id, instruction_id, held_at) "
        "VALUES (20250999999999, '450800', 2025099999999901, now())",
        "hold",
        "20250999999999",
        "HOLD_WITHOUT_RECEIVABLE",
    ),
    Plant(
        "I15",
        ("UPDATE payments_hold SET instruction_id = instruction_id + 5 WHERE id = {b.pending.receivable_id}",),
        (
            ("hold", "{b.pending.receivable_id}", "HOLD_WITHOUT_HOLDER"),
            ("instruction", "{b.pending.pk}", "NOT_HELD"),
        ),
    ),
    plant(
        "I15",
        f"UPDATE payments_payment SET instruction_id = {{b.pending.pk}} WHERE id = {PAYMENT}",
        "hold",
        "{b.settled.receivable_id}",
        "HELD_THOUGH_PAID",
    ),
    _held("declined", "DECLINED"),
    _held("duplicate", "DUPLICATE"),
    _held("released", "RELEASED"),
    _held("never_sent", "DROPPED"),
    plant(
        "I15",
        "DELETE FROM payments_hold WHERE id = {b.unanswered.receivable_id}",
        "instruction",
        "{b.unanswered.pk}",
        "NOT_HELD",
    ),
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
            "UPDATE enrollment_person SET id_type = '08', id_number = 'e12345678' WHERE id = {b.pending.person_id}",
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
                "UPDATE payments_filelease SET expires_at = now() - interval '301 seconds' WHERE file_id = {b.held_file.pk}",
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
        ("payments_receivable", "id = {b.exempt.pk}", "receivable", "{b.exempt.pk}", 2),
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
        # Its cover still says where it was.
        REGIONS[_index] = _plant._replace(seen=(*_plant.seen, ("cover", "{b.exempt.pk}00", "REGION_DIFFERS")))
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

GONE = "987654321"
REFERENCES = [
    plant(code, f"UPDATE {table} SET {change} WHERE {row}", what, key, problem)
    for code, table, row, what, key, faults in [
        (
            "R01",
            "payments_receivable",
            "id = {b.exempt.pk}",
            "receivable",
            "{b.exempt.pk}",
            [
                (f"person_id = {GONE}", "PERSON_MISSING"),
                (f"enrollment_id = {GONE}", "ENROLMENT_MISSING"),
                ("person_id = {b.pending.person_id}", "ENROLMENT_OF_ANOTHER"),
                ("scheme = '310'", "ENROLMENT_OF_ANOTHER"),
                (f"policy_id = {GONE}", "POLICY_MISSING"),
                ("policy_id = {other_policy}", "POLICY_OF_ANOTHER_YEAR"),
            ],
        ),
        (
            "R02",
            "payments_instruction",
            "id = {b.pending.pk}",
            "instruction",
            "{b.pending.pk}",
            [
                ("person_id = {b.settled.person_id}", "PERSON_DIFFERS"),
                (f"mandate_id = {GONE}", "MANDATE_MISSING"),
                ("mandate_id = {b.settled.mandate_id}", "MANDATE_OF_ANOTHER"),
            ],
        ),
        (
            "R03",
            "payments_payment",
            "id = " + PAYMENT,
            "payment",
            PAYMENT,
            [
                ("person_id = {b.pending.person_id}", "PERSON_DIFFERS"),
                (f"instruction_id = {GONE}", "INSTRUCTION_MISSING"),
                ("instruction_id = {b.pending.pk}", "INSTRUCTION_OF_ANOTHER"),
                (f"line_id = {GONE}", "LINE_MISSING"),
                ("line_id = {b.file.pk}00000002", "LINE_DIFFERS"),
                ("amount = 399", "LINE_DIFFERS"),
                ("debited_on = '2025-01-16'", "LINE_DIFFERS"),
            ],
        ),
        (
            "R04",
            "payments_bankline",
            "id = {b.file.pk}00000003",
            "bank line",
            "{b.file.pk}00000003",
            [
                ("bank_id = '104'", "BANK_DIFFERS"),
                (f"instruction_id = {GONE}", "INSTRUCTION_MISSING"),
                ("instruction_id = {b.duplicate.pk}", "INSTRUCTION_OF_ANOTHER_BATCH"),
            ],
        ),
        (
            "R05",
            "enrollment_coverage",
            "id = {b.counter.pk}",
            "cover",
            "{b.counter.pk}",
            [
                ("person_id = {b.pending.person_id}", "PERSON_DIFFERS"),
                ("scheme = '310'", "PERSON_DIFFERS"),
                (f"policy_id = {GONE}", "POLICY_MISSING"),
                ("policy_id = {other_policy}", "POLICY_OF_ANOTHER_YEAR"),
                (f"payment_id = {GONE}", "PAYMENT_MISSING"),
                ("payment_id = " + PAYMENT, "PAYMENT_OF_ANOTHER"),
                ("supersedes = {b.counter.pk} - 1", "REPLACED_ROW_MISSING"),
            ],
        ),
        (
            "R06",
            "payments_duplicatepayment",
            "TRUE",
            "duplicate",
            "{b.away_file.pk}00000001",
            [
                ("receivable_id = 20250999999999", "RECEIVABLE_MISSING"),
                ("person_id = {b.pending.person_id}", "PERSON_DIFFERS"),
                (f"instruction_id = {GONE}", "INSTRUCTION_MISSING"),
                ("instruction_id = {b.pending.pk}", "INSTRUCTION_OF_ANOTHER"),
                ("amount = 399", "LINE_DIFFERS"),
                (f"carried_by = {GONE}", "CARRIER_MISSING"),
                ("carried_by = {b.counter.pk}", "CARRIER_OF_ANOTHER"),
            ],
        ),
        (
            "R07",
            "payments_reversal",
            "TRUE",
            "reversal",
            "{b.second.pk}00000003",
            [
                (f"payment_id = {GONE}", "NOTHING_TO_REVERSE"),
                ("amount = 399", "AMOUNT_DIFFERS"),
                ("person_id = {b.pending.person_id}", "PERSON_DIFFERS"),
                ("receivable_id = {b.pending.receivable_id}", "RECEIVABLE_DIFFERS"),
                ("booked_line_id = {b.file.pk}00000001", "BOOKED_LINE_DIFFERS"),
            ],
        ),
        (
            "R08",
            "payments_workitem",
            "id = {work}",
            "work item",
            "{work}",
            [
                ("file_id = {b.second.pk}", "LINE_MISSING"),
                (f"instruction_id = {GONE}", "INSTRUCTION_MISSING"),
            ],
        ),
    ]
    for change, problem in faults
]
REFERENCES += [
    plant(
        "R01",
        (
            DROP.format("payments_receivable_2025", "payments_receivable_2025_year"),
            DROP.format("payments_receivable", "receivable_key_carries_year"),
            "UPDATE payments_receivable SET benefit_year = 2026, policy_id = "
            "(SELECT min(id) FROM enrollment_policy WHERE benefit_year = 2026) WHERE id = {b.exempt.pk}",
        ),
        "receivable",
        "{b.exempt.pk}",
        "YEAR_OF_KEY",
    ),
    plant(
        "R02",
        "DELETE FROM payments_receivable WHERE id = {b.pending.receivable_id}",
        "instruction",
        "{b.pending.pk}",
        "RECEIVABLE_MISSING",
    ),
    Plant(
        "R02",
        ("UPDATE payments_instruction SET amount = 399.99 WHERE id = {b.pending.pk}",),
        (("batch", "{b.batch.pk}", "BATCH_DOES_NOT_ADD_UP"), ("instruction", "{b.pending.pk}", "AMOUNT_NEVER_DUE")),
    ),
    Plant(
        "R02",
        (f"UPDATE payments_instruction SET batch_id = {GONE} WHERE id = {{b.never_sent.pk}}",),
        (("batch", "{b.dropped.pk}", "BATCH_DOES_NOT_ADD_UP"), ("instruction", "{b.never_sent.pk}", "BATCH_MISSING")),
    ),
    plant(
        "R02",
        "UPDATE payments_debitbatch SET benefit_year = 2026 WHERE id = {b.dropped.pk}",
        "instruction",
        "{b.never_sent.pk}",
        "BATCH_OF_ANOTHER_YEAR",
    ),
    plant(
        "R03",
        "DELETE FROM payments_receivable WHERE id = {b.counter.receivable_id}",
        "payment",
        "{b.counter.pk}",
        "RECEIVABLE_MISSING",
    ),
    plant(
        "R03",
        (DROP.format("payments_payment", "payment_evidence"), f"UPDATE payments_payment SET line_id = NULL WHERE id = {PAYMENT}"),
        "payment",
        PAYMENT,
        "EVIDENCE_MISSING",
    ),
    plant(
        "R04",
        "UPDATE payments_bankline SET id = 98765432100000003 WHERE id = {b.file.pk}00000003",
        "bank line",
        "98765432100000003",
        "FILE_MISSING",
    ),
    plant(
        "R05",
        "DELETE FROM payments_receivable WHERE id = {b.counter.receivable_id}",
        "cover",
        "{b.counter.pk}",
        "RECEIVABLE_MISSING",
    ),
    plant("R06", "DELETE FROM payments_bankline WHERE id = {b.away_file.pk}00000001", "duplicate", "{b.away_file.pk}00000001", "LINE_MISSING"),
    plant("R07", "DELETE FROM payments_bankline WHERE id = {b.second.pk}00000003", "reversal", "{b.second.pk}00000003", "LINE_MISSING"),
    plant("R07", "DELETE FROM payments_reversal", "bank line", "{b.second.pk}00000003", "REVERSAL_MISSING"),
    plant("R08", "DELETE FROM payments_receivable WHERE id = {b.reassessed.pk}", "later amount", "{b.reassessed.pk}01", "RECEIVABLE_MISSING"),
    plant(
        "R08",
        "UPDATE payments_siblingreceivable SET benefit_year = 2026 WHERE receivable_id = {b.duplicate.receivable_id}",
        "sibling",
        "{b.duplicate.receivable_id}",
        "RECEIVABLE_MISSING",
    ),
    plant(
        "R08",
        "DELETE FROM payments_siblingreceivable WHERE receivable_id = {b.settled.receivable_id}",
        "receivable",
        "{b.duplicate.receivable_id}",
        "SIBLING_NOT_LINKED",
    ),
    plant(
        "R08",
        "UPDATE payments_instructionrelease SET batch_id = {b.dropped.pk}",
        "released instruction",
        "{b.released.pk}",
        "INSTRUCTION_MISSING",
    ),
    plant(
        "R08",
        "UPDATE payments_linetext SET line_id = {b.file.pk}00000099 WHERE line_id = {b.file.pk}00000004",
        "text of a line",
        "{b.file.pk}00000099",
        "LINE_MISSING",
    ),
]

ALL = [
    *MONEY,
    *AMOUNTS,
    *PEOPLE,
    *MOVES,
    *GUARDS,
    *DAYS,
    *COVER,
    *HOLDS,
    *IDENTITY,
    *HISTORY,
    *STUCK,
    *REGIONS,
    *REFERENCES,
]
