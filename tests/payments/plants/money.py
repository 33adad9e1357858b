"""Damage to money: who paid what, sums of files, amounts, days."""

from tests.payments.plants.plant import DROP, LINE, PAYMENT, Plant, plant

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
        plant(
            "I03",
            f"UPDATE payments_bankfile SET {field} = {field} + 1 WHERE id = {{b.file.pk}}",
            "file",
            "{b.file.pk}",
            problem,
        )
        for field, problem in [
            ("lines", "LINES_DIFFER_FROM_ORIGINAL"),
            ("amount", "AMOUNT_DIFFERS_FROM_ORIGINAL"),
            ("debited", "DEBITED_DIFFERS_FROM_ORIGINAL"),
        ]
    ),
    *(
        plant(
            "I03",
            f"UPDATE payments_bankfile SET header = header || '{{{{{change}}}}}' WHERE id = {{b.file.pk}}",
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
            (
                "UPDATE payments_workitem SET amount = 399.99 WHERE line_id = {b.file.pk}00000006",
                "{b.file.pk}00000006",
            ),
        ]
    ),
    plant(
        "I05",
        (
            "DROP INDEX bankfile_bytes_once",
            "UPDATE payments_bankfile SET sha256 = 'same' WHERE id IN ({b.file.pk}, {b.second.pk})",
        ),
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
            "UPDATE payments_bankline SET serial = 'same' "
            "WHERE id IN ({b.file.pk}00000001, {b.file.pk}00000005)",
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
        (
            "payments_payment",
            "payment_amount_range",
            f"UPDATE payments_payment SET amount = 0 WHERE id = {PAYMENT}",
            "payment",
            PAYMENT,
        ),
        (
            "payments_duplicatepayment",
            "duplicate_amount_range",
            "UPDATE payments_duplicatepayment SET amount = -400",
            "duplicate",
            "{b.away_file.pk}00000001",
        ),
        (
            "payments_reversal",
            "reversal_amount_range",
            "UPDATE payments_reversal SET amount = 0",
            "reversal",
            "{b.second.pk}00000003",
        ),
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
        (
            DROP.format("payments_assessment", "assessment_amount_adds_up"),
            "UPDATE payments_assessment SET amount = 300",
        ),
        "later amount",
        "{b.reassessed.pk}01",
        "AMOUNT_DOES_NOT_ADD_UP",
    ),
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
