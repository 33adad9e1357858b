-- What the tax office must be told: a receivable that it never took, took with another amount, or took though its enrolment
-- has ended. The last line about a receivable decides; one that waits for its answer is left alone.
CREATE TEMPORARY TABLE to_push ON COMMIT DROP AS
WITH last AS (
  SELECT DISTINCT ON (l.receivable_id) l.receivable_id, l.op, l.amount, a.line_id IS NOT NULL AS answered, coalesce(a.taken, false) AS taken,
         t.op AS known_op, t.amount AS known_amount
    FROM payments_pushline l
    LEFT JOIN payments_pushanswer a ON a.line_id = l.id
    LEFT JOIN LATERAL (SELECT x.op, x.amount FROM payments_pushline x JOIN payments_pushanswer y ON y.line_id = x.id AND y.taken
                        WHERE x.receivable_id = l.receivable_id ORDER BY x.id DESC LIMIT 1) AS t ON TRUE
   WHERE l.region_id = :region
   ORDER BY l.receivable_id, l.id DESC
), due AS (
  SELECT r.id, r.region_id, r.enrollment_id, r.person_id, r.scheme, r.benefit_year, e.state = '4' AS ended,
         coalesce((SELECT a.amount FROM payments_assessment a WHERE a.receivable_id = r.id ORDER BY a.id DESC LIMIT 1), r.amount) AS amount
    FROM payments_receivable r
    JOIN enrollment_enrollment e ON e.id = r.enrollment_id
   WHERE r.region_id = :region AND r.id >= CAST(:year AS bigint) * 10000000000 AND r.id < (CAST(:year AS bigint) + 1) * 10000000000
)
SELECT row_number() OVER (ORDER BY d.id) AS place, d.*, o.op
  FROM due d
  LEFT JOIN last l ON l.receivable_id = d.id
 CROSS JOIN LATERAL (SELECT CASE
    WHEN l.receivable_id IS NOT NULL AND NOT l.answered THEN NULL
    WHEN d.ended AND l.known_op IN ('A', 'U') THEN 'D'
    WHEN d.ended THEN NULL
    WHEN l.known_op IS NULL OR l.known_op = 'D' THEN 'A'
    WHEN l.known_amount <> d.amount THEN 'U' END AS op) AS o
 WHERE o.op IS NOT NULL;
SELECT place FROM to_push;
