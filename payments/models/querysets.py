"""The one expression per object that names its state from its facts (design: architecture, third idea).

A list page takes its rows first (``page``) and joins the facts afterwards, row by row, through their keys.
"""

from typing import Any, Self

from django.db import models
from django.db.models.expressions import RawSQL

from payments.states import InstructionState, ReceivableState

RECEIVABLE_STATE_SQL = """
(SELECT CASE
   WHEN due.amount = 0 THEN 'EXEMPT'
   WHEN live.id IS NOT NULL THEN CASE WHEN EXISTS (
        SELECT FROM payments_settlementline t WHERE t.side = 2 AND t.outcome IN (1, 4, 5)
           AND (t.ours_kind, t.ours_id) IN ((2, live.id), (3, live.line_id))) THEN 'IN_TREASURY' ELSE 'SETTLED' END
   WHEN held.order_id IS NOT NULL THEN 'DECLARED_UNPAID'
   WHEN held.id IS NOT NULL THEN 'DEBITING'
   WHEN taken.n > 0 THEN CASE WHEN taken.last >= 8000000000000000000 THEN 'REFUNDED' ELSE 'REVERSED' END
   WHEN EXISTS (
        SELECT FROM payments_declarationvoid v
         WHERE v.receivable_id = payments_receivable.id AND v.order_id IS NULL AND v.instruction_id IS NULL) THEN 'VOIDED'
   WHEN told.op IN ('A', 'U') THEN 'PUSHED'
   ELSE 'ASSESSED' END
 FROM (SELECT count(*) AS n, (array_agg(v.line_id ORDER BY v.payment_id DESC))[1] AS last FROM payments_reversal v
        WHERE v.receivable_id = payments_receivable.id AND v.payment_id IS NOT NULL) AS taken
 CROSS JOIN LATERAL (SELECT coalesce(
        (SELECT a.amount FROM payments_assessment a WHERE a.receivable_id = payments_receivable.id
          ORDER BY a.id DESC LIMIT 1), payments_receivable.amount) AS amount) AS due
 LEFT JOIN LATERAL (SELECT p.id, p.line_id FROM payments_payment p
        WHERE p.id = payments_receivable.id * 100 + taken.n) AS live ON TRUE
 LEFT JOIN LATERAL (SELECT h.id, h.order_id FROM payments_hold h WHERE h.id = payments_receivable.id) AS held ON TRUE
 LEFT JOIN LATERAL (SELECT l.op FROM payments_pushline l JOIN payments_pushanswer a ON a.line_id = l.id AND a.taken
        WHERE l.receivable_id = payments_receivable.id ORDER BY l.id DESC LIMIT 1) AS told ON TRUE)
"""

AMOUNT_DUE_SQL = """
coalesce((SELECT a.amount FROM payments_assessment a WHERE a.receivable_id = payments_receivable.id
           ORDER BY a.id DESC LIMIT 1), payments_receivable.amount)
"""

INSTRUCTION_STATE_SQL = """
(SELECT CASE
   WHEN paid.id IS NOT NULL AND back.line_id IS NULL THEN 'SETTLED'
   WHEN dup.line_id IS NOT NULL AND dupback.line_id IS NULL THEN 'DUPLICATE'
   WHEN back.line_id IS NOT NULL OR dupback.line_id IS NOT NULL THEN 'REVERSED'
   WHEN answer.bucket = 3 THEN 'DECLINED'
   WHEN answer.bucket = 4 THEN 'PENDING'
   WHEN answer.bucket = 5 THEN 'UNMATCHED'
   WHEN freed.instruction_id IS NOT NULL THEN 'RELEASED'
   WHEN batch.state = 'RELEASED' THEN 'SENT'
   ELSE 'FROZEN' END
 FROM payments_debitbatch batch
 LEFT JOIN LATERAL (SELECT p.id FROM payments_payment p
        WHERE p.id BETWEEN payments_instruction.id / 100 * 100 AND payments_instruction.id / 100 * 100 + 99
          AND p.instruction_id = payments_instruction.id) AS paid ON TRUE
 LEFT JOIN payments_reversal back ON back.payment_id = paid.id
 LEFT JOIN payments_duplicatepayment dup ON dup.instruction_id = payments_instruction.id
 LEFT JOIN payments_reversal dupback ON dupback.duplicate_id = dup.line_id
 LEFT JOIN LATERAL (SELECT l.bucket FROM payments_bankline l
        WHERE l.instruction_id = payments_instruction.id AND l.bucket IN (3, 4, 5)
        ORDER BY l.id DESC LIMIT 1) AS answer ON TRUE
 LEFT JOIN payments_instructionrelease freed ON freed.instruction_id = payments_instruction.id
 WHERE batch.id = payments_instruction.batch_id)
"""


class ReceivableQuerySet(models.QuerySet[Any]):
    """Receivables, and what their facts say."""

    def with_state(self) -> Self:
        """Adds ``state`` (a :class:`ReceivableState` value) and ``amount_due`` (yuan) from the fact rows."""
        return self.annotate(
            state=RawSQL(RECEIVABLE_STATE_SQL, [], output_field=models.CharField()),
            amount_due=RawSQL(
                AMOUNT_DUE_SQL, [], output_field=models.DecimalField(max_digits=12, decimal_places=2)
            ),
        )

    def for_year(self, year: int) -> Self:
        """Only benefit year ``year``; bounds the key so that one partition is read."""
        return self.filter(id__gte=year * 10**10, id__lt=(year + 1) * 10**10)


class InstructionQuerySet(models.QuerySet[Any]):
    """Instructions, and what their answers say."""

    def with_state(self) -> Self:
        """Adds ``state``, an :class:`InstructionState` value, from the fact rows."""
        return self.annotate(state=RawSQL(INSTRUCTION_STATE_SQL, [], output_field=models.CharField()))


STATE_NAMES = {"receivable": frozenset(ReceivableState), "instruction": frozenset(InstructionState)}
