-- What each line of a statement or settlement says, and whether it can be read; in the order of the file.
-- A statement says when by yyyymmddhhmmss and which way by 1 or 2; a settlement says the day, and only ever receives.
ANALYZE :"lines";
SET LOCAL enable_nestloop = off;
CREATE UNLOGGED TABLE :"resolved" WITH (autovacuum_enabled = off) AS
-- A file names few days and many lines: each day is read once.
WITH days AS MATERIALIZED (
  SELECT d.said, payments_day(d.said) AS day FROM (SELECT DISTINCT left(happened, 8) AS said FROM :"lines") AS d
)
SELECT read.line_no AS position, read.line_no, read.turn, coalesce(read.amount, 0) AS amount, read.happened_at,
       (read.happened_at AT TIME ZONE 'Asia/Shanghai')::date AS happened_on, read.serial, read.ref, read.fault, read.text,
       CASE WHEN read.fault IS NULL
            THEN row_number() OVER (PARTITION BY read.fault IS NULL, read.turn, read.serial, read.ref ORDER BY read.line_no)
            ELSE 1 END AS place,
       CASE WHEN read.fault IS NULL
            THEN row_number() OVER (PARTITION BY read.fault IS NULL, read.turn, read.ref, read.amount ORDER BY read.line_no)
            ELSE 1 END AS same_place
  FROM (
  SELECT
    s.line_no, CASE WHEN s.turn = '2' AND NOT :treasury THEN 2 ELSE 1 END::smallint AS turn, d.amount, t.happened_at,
    left(CASE WHEN s.seq IS NULL THEN '' ELSE coalesce(s.serial, '') END, 64) AS serial, left(coalesce(s.ref, ''), 64) AS ref,
    CASE
      WHEN s.seq IS NULL AND s.tail IS NULL THEN 'LINE_UNREADABLE'
      WHEN d.amount IS NULL THEN
        CASE WHEN s.amount ~ '^[0-9]{11,}(\.[0-9]{1,2})?$' THEN 'AMOUNT_OVER_LIMIT' ELSE 'AMOUNT_UNREADABLE' END
      WHEN NOT :treasury AND s.turn NOT IN ('1', '2') THEN 'TURN_UNREADABLE'
      WHEN s.seq IS NULL THEN 'CONTROL_CHARACTERS'
      WHEN length(s.seq) NOT BETWEEN 1 AND 8 OR translate(s.seq, '0123456789', '') <> '' THEN 'NUMBER_UNREADABLE'
      WHEN length(s.serial) > 64 OR length(s.ref) > 64 THEN 'FIELD_TOO_LONG'
      WHEN d.amount = 0 THEN 'OK_WITHOUT_MONEY'
      WHEN s.serial = '' THEN 'OK_WITHOUT_SERIAL'
      WHEN t.happened_at IS NULL THEN 'DATE_UNREADABLE'
      WHEN (t.happened_at AT TIME ZONE 'Asia/Shanghai')::date > CAST(:today AS date) THEN 'DATE_IN_FUTURE'
    END AS fault,
    CASE WHEN s.seq IS NULL THEN left(s.serial, 1100)
         ELSE left(concat_ws('|', s.seq, s.serial, s.ref, s.amount, s.happened, s.turn), 1100) END AS text
  FROM :"lines" s
  CROSS JOIN LATERAL (SELECT
      CASE WHEN s.amount ~ '^[0-9]{1,10}(\.[0-9]{1,2})?$' THEN s.amount::numeric(12, 2) END AS amount) AS d
  LEFT JOIN days y ON y.said = left(s.happened, 8)
  CROSS JOIN LATERAL (SELECT CASE
      WHEN y.day IS NULL THEN NULL
      WHEN :treasury AND length(s.happened) = 8 THEN y.day::timestamp AT TIME ZONE 'Asia/Shanghai'
      WHEN NOT :treasury AND s.happened ~ '^[0-9]{8}([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$'
      THEN (y.day + make_interval(hours => substr(s.happened, 9, 2)::int,
             mins => substr(s.happened, 11, 2)::int, secs => substr(s.happened, 13, 2)::int)) AT TIME ZONE 'Asia/Shanghai'
      END AS happened_at OFFSET 0) AS t
) AS read
 ORDER BY read.line_no;
CREATE UNIQUE INDEX ON :"resolved" (position);
ANALYZE :"resolved";
