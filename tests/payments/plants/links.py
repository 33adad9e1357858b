"""Damage to what belongs together: cover, holds, references without a foreign key."""

from tests.payments.plants.plant import DROP, PAYMENT, Plant, plant

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
        f"INSERT INTO payments_hold (id, region_id, instruction_id, held_at) "
        f"SELECT id / 100, region_id, id, now() "
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
        (
            "UPDATE payments_hold SET instruction_id = instruction_id + 5 "
            "WHERE id = {b.pending.receivable_id}",
        ),
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
                ("enrollment_id = (SELECT max(id) FROM enrollment_enrollment)", "ENROLMENT_OF_ANOTHER"),
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
                (f"carried_by = NULL, exempt_by = {GONE}", "CARRIER_MISSING"),
                ("carried_by = NULL, exempt_by = {b.exempt.pk}00", "CARRIER_OF_ANOTHER"),
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
        (
            ("batch", "{b.batch.pk}", "BATCH_DOES_NOT_ADD_UP"),
            ("instruction", "{b.pending.pk}", "AMOUNT_NEVER_DUE"),
        ),
    ),
    Plant(
        "R02",
        (f"UPDATE payments_instruction SET batch_id = {GONE} WHERE id = {{b.never_sent.pk}}",),
        (
            ("batch", "{b.dropped.pk}", "BATCH_DOES_NOT_ADD_UP"),
            ("instruction", "{b.never_sent.pk}", "BATCH_MISSING"),
        ),
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
        (
            DROP.format("payments_payment", "payment_evidence"),
            f"UPDATE payments_payment SET line_id = NULL WHERE id = {PAYMENT}",
        ),
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
    plant(
        "R06",
        "DELETE FROM payments_bankline WHERE id = {b.away_file.pk}00000001",
        "duplicate",
        "{b.away_file.pk}00000001",
        "LINE_MISSING",
    ),
    plant(
        "R07",
        "DELETE FROM payments_bankline WHERE id = {b.second.pk}00000003",
        "reversal",
        "{b.second.pk}00000003",
        "LINE_MISSING",
    ),
    plant("R07", "DELETE FROM payments_reversal", "bank line", "{b.second.pk}00000003", "REVERSAL_MISSING"),
    plant(
        "R08",
        "DELETE FROM payments_receivable WHERE id = {b.reassessed.pk}",
        "later amount",
        "{b.reassessed.pk}01",
        "RECEIVABLE_MISSING",
    ),
    plant(
        "R08",
        "UPDATE payments_siblingreceivable SET benefit_year = 2026 "
        "WHERE receivable_id = {b.duplicate.receivable_id}",
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
    plant(
        "R10",
        "UPDATE payments_reversal SET line_id = 7000000000000000002",
        "reversal",
        "7000000000000000002",
        "SWAP_MISSING",
    ),
]
