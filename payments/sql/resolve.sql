-- Matching, from the file and the frozen instructions alone: what each line says and which instruction it answers.
-- One sort (instruction, line number) gives the order of the chunks and the rank of a repeated reference.
-- A clean line is compared as text with its instruction; only a line that differs meets an expression that parses.
-- early: the bucket of rules 1 to 4 of the line buckets, where one of them matches (6 REJECTED, 5 UNMATCHED).
ANALYZE :"lines";
SET LOCAL enable_nestloop = off;
CREATE UNLOGGED TABLE :"resolved" WITH (autovacuum_enabled = off) AS
SELECT
  read.position::integer AS position, read.line_no, read.instruction_id, read.person_id, read.asked,
  read.due, read.paid, CASE WHEN read.ok THEN coalesce(read.paid, 0) ELSE 0 END AS money, read.debited_on, read.code, coalesce(read.internal, '') AS internal,
  read.serial, read.ok, read.ref_rank = 1 AS first_of_ref,
  CASE
    WHEN read.fault IS NOT NULL THEN 6
    WHEN read.ref_rank > 1 THEN 6
    WHEN read.ok AND (read.paid = 0 OR read.serial = '') THEN 6
    WHEN NOT read.ok AND read.paid > 0 THEN 6
    WHEN read.instruction_id IS NULL THEN CASE WHEN read.ok THEN 5 ELSE 6 END
  END::smallint AS early,
  CASE
    WHEN read.fault IS NOT NULL THEN read.fault
    WHEN read.ref_rank > 1 THEN 'REPEATED_IN_FILE'
    WHEN read.ok AND read.paid = 0 THEN 'OK_WITHOUT_MONEY'
    WHEN read.ok AND read.serial = '' THEN 'OK_WITHOUT_SERIAL'
    WHEN NOT read.ok AND read.paid > 0 THEN 'MONEY_WITHOUT_OK'
    WHEN read.instruction_id IS NULL THEN 'UNKNOWN_REFERENCE'
    WHEN read.ok THEN read.difference
  END AS reason,
  false AS serial_taken
FROM (
  SELECT
    s.line_no, i.id AS instruction_id, i.person_id, i.amount AS asked, d.due, d.paid, day.debited_on,
    left(coalesce(s.code, ''), 10) AS code, rc.internal, left(coalesce(s.serial, ''), 40) AS serial,
    coalesce(rc.internal = 'OK', false) AS ok,
    row_number() OVER (ORDER BY i.id, CASE WHEN i.id IS NULL THEN s.ref END, s.line_no) AS position,
    CASE WHEN s.ref IS NULL THEN 1
         ELSE row_number() OVER (PARTITION BY i.id, CASE WHEN i.id IS NULL THEN s.ref END ORDER BY s.line_no)
    END AS ref_rank,
    CASE
      WHEN s.seq IS NULL AND s.tail IS NULL THEN 'LINE_UNREADABLE'
      WHEN d.due IS NULL OR d.paid IS NULL THEN
        CASE WHEN s.due ~ '^[0-9]{11,}(\.[0-9]{1,2})?$' OR s.paid ~ '^[0-9]{11,}(\.[0-9]{1,2})?$'
             THEN 'AMOUNT_OVER_LIMIT' ELSE 'AMOUNT_UNREADABLE' END
      WHEN s.seq IS NULL THEN 'CONTROL_CHARACTERS'
      WHEN length(s.seq) NOT BETWEEN 1 AND 8 OR translate(s.seq, '0123456789', '') <> '' THEN 'NUMBER_UNREADABLE'
      WHEN length(s.code) > 10 OR length(s.serial) > 40 THEN 'FIELD_TOO_LONG'
      WHEN s.debited_on <> '' AND day.debited_on IS NULL THEN 'DATE_UNREADABLE'
    END AS fault,
    CASE
      WHEN s.account <> i.account THEN 'ACCOUNT_DIFFERS'
      WHEN s.holder <> i.holder AND payments_fold_name(s.holder) <> payments_fold_name(i.holder) THEN 'HOLDER_DIFFERS'
      WHEN d.due <> i.amount THEN 'DUE_DIFFERS'
      WHEN d.paid <> i.amount THEN 'PAID_DIFFERS'
      WHEN day.debited_on IS NULL THEN 'DATE_MISSING'
      WHEN day.debited_on > CAST(:today AS date) THEN 'DATE_IN_FUTURE'
      WHEN day.debited_on NOT BETWEEN CAST(:debit_from AS date) AND CAST(:debit_to AS date) THEN 'DATE_OUTSIDE_WINDOW'
    END AS difference
  FROM :"lines" s
  LEFT JOIN payments_instruction i
    ON i.batch_id = :batch
   AND i.id BETWEEN :low AND :high
   AND i.id = CASE
         WHEN length(s.ref) = 24 AND left(s.ref, 12) = :prefix AND substr(s.ref, 22, 1) = '-'
          AND translate(substr(s.ref, 13), '0123456789', '') = '-'
         THEN :year_base + substr(s.ref, 13, 9)::bigint * 100 + substr(s.ref, 23, 2)::bigint
       END
  LEFT JOIN payments_resultcode rc
    ON rc.code_set = :code_set AND rc.code = s.code AND rc.pattern = ''
  LEFT JOIN (SELECT d::date AS debited_on, to_char(d, 'YYYYMMDD') AS text
               FROM generate_series(CAST(:debit_from AS date) - 7, CAST(:debit_to AS date) + 14, interval '1 day') AS d) AS near
    ON near.text = s.debited_on
  CROSS JOIN LATERAL (SELECT
      CASE WHEN s.due = i.amount::text THEN i.amount
           WHEN s.due ~ '^[0-9]{1,10}(\.[0-9]{1,2})?$' THEN s.due::numeric(12, 2) END AS due,
      CASE WHEN s.paid = '0.00' THEN 0.00
           WHEN s.paid = i.amount::text THEN i.amount
           WHEN s.paid ~ '^[0-9]{1,10}(\.[0-9]{1,2})?$' THEN s.paid::numeric(12, 2) END AS paid) AS d
  CROSS JOIN LATERAL (SELECT
      CASE WHEN near.debited_on IS NOT NULL THEN near.debited_on ELSE payments_day(s.debited_on) END AS debited_on) AS day
) AS read
ORDER BY read.position;
