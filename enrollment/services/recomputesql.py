"""The set-based statements of recomputing: what is due again, what is decided otherwise, and writing it down.

``cover_due`` is a chunk of receivables with their cover in force, in the shape of a relation of payments with the former
decision beside it; ``cover_new`` holds the decisions that differ.
"""

# The bounds of a chunk by the key: so many rows of the governed regions from the mark on.
UPPER = """
SELECT max(id) / 100
  FROM (SELECT id FROM enrollment_coverage
         WHERE id > %(after)s * 100 + 99 AND id < (%(year)s + 1) * %(factor)s
           AND region_id = ANY(%(regions)s::varchar[])
         ORDER BY id
         LIMIT %(rows)s) AS next
"""

LAST = """
SELECT coalesce(max(id), 0) / 100 FROM enrollment_coverage
 WHERE id >= %(year)s * %(factor)s AND id < (%(year)s + 1) * %(factor)s
   AND region_id = ANY(%(regions)s::varchar[])
"""

# What was taken away stays away.
MAKE_DUE = """
CREATE TEMPORARY TABLE cover_due ON COMMIT DROP AS
SELECT c.id / 100 AS receivable_id, c.payment_id, c.person_id, c.region_id, c.paid_on,
       c.id AS former_id, c.start, c."end", c.rule, c.wait_fixed, c.wait_variable, c.repair_years, c.reason
  FROM enrollment_coverage c
  JOIN (SELECT max(id) AS id FROM enrollment_coverage
         WHERE id BETWEEN %(low)s AND %(high)s AND region_id = ANY(%(regions)s::varchar[])
         GROUP BY id / 100) AS last ON last.id = c.id
 WHERE c.id BETWEEN %(low)s AND %(high)s
   AND c.paid_on IS NOT NULL AND c.reason <> ALL(%(ending)s::varchar[])
"""

# Years repaired and an early end are facts of the row: such rows are decided one by one.
ADD_SPECIAL_ROWS = """
INSERT INTO cover_odd
SELECT receivable_id, payment_id, person_id, region_id, paid_on
  FROM cover_due d
 WHERE (repair_years > 0 OR reason = ANY(%(shortened)s::varchar[]))
   AND NOT EXISTS (SELECT FROM cover_odd o WHERE o.receivable_id = d.receivable_id)
"""

ODD = """
SELECT d.receivable_id, d.person_id, d.paid_on, d."end", d.repair_years, d.reason
  FROM cover_due d
 WHERE d.receivable_id IN (SELECT receivable_id FROM cover_odd)
 ORDER BY d.receivable_id
"""

MAKE_NEW = """
CREATE TEMPORARY TABLE cover_new (
  receivable_id bigint, start date, "end" date, rule varchar, wait_fixed smallint, wait_variable smallint,
  reason varchar, facts jsonb) ON COMMIT DROP
"""

_DIFFERS = """
 (d.start, d."end", d.rule, d.wait_fixed, d.wait_variable)
   IS DISTINCT FROM (n.start, n."end", n.rule, n.wait_fixed, n.wait_variable)
"""

ADD_PLAIN = f"""
INSERT INTO cover_new
SELECT d.receivable_id, n.start, n."end", n.rule, n.wait_fixed, n.wait_variable, %(reason)s, NULL
  FROM cover_due d
  JOIN unnest(%(paid_on)s::date[], %(start)s::date[], %(end)s::date[], %(rule)s::varchar[],
              %(wait_fixed)s::smallint[], %(wait_variable)s::smallint[])
    AS n (paid_on, start, "end", rule, wait_fixed, wait_variable) ON n.paid_on = d.paid_on
  LEFT JOIN cover_odd odd ON odd.receivable_id = d.receivable_id
 WHERE odd.receivable_id IS NULL AND {_DIFFERS}
"""

ADD_DECIDED = f"""
INSERT INTO cover_new
SELECT n.receivable_id, n.start, n."end", n.rule, n.wait_fixed, n.wait_variable, n.reason, n.facts
  FROM unnest(%(receivable_id)s::bigint[], %(start)s::date[], %(end)s::date[], %(rule)s::varchar[],
              %(wait_fixed)s::smallint[], %(wait_variable)s::smallint[], %(reason)s::varchar[], %(facts)s::jsonb[])
    AS n (receivable_id, start, "end", rule, wait_fixed, wait_variable, reason, facts)
  JOIN cover_due d ON d.receivable_id = n.receivable_id
 WHERE {_DIFFERS}
"""

FULL = """
SELECT receivable_id FROM cover_due
 WHERE mod(former_id, 100) = 99 AND receivable_id IN (SELECT receivable_id FROM cover_new)
 ORDER BY 1 LIMIT 1
"""

WRITE = """
WITH made AS (
  INSERT INTO enrollment_coverage
    (id, person_id, region_id, scheme, start, "end", rule, wait_fixed, wait_variable, repair_years,
     policy_id, payment_id, paid_on, supersedes, reason, facts, decided_at)
  SELECT d.former_id + 1, d.person_id, d.region_id, %(scheme)s, n.start, n."end", n.rule, n.wait_fixed, n.wait_variable,
         d.repair_years, %(policy)s, d.payment_id, d.paid_on, d.former_id, n.reason, n.facts, %(at)s
    FROM cover_new n
    JOIN cover_due d ON d.receivable_id = n.receivable_id
   ORDER BY d.former_id
  RETURNING id, person_id, region_id, start, supersedes
)
INSERT INTO enrollment_policymove (run_id, region_id, person_id, coverage_id, old_start, new_start)
SELECT %(run)s, made.region_id, made.person_id, made.id, d.start, made.start
  FROM made
  JOIN cover_due d ON d.former_id = made.supersedes
 ORDER BY made.id
"""

COUNTS = """
SELECT d.rule, n.rule, d.start IS NULL, n.start IS NULL,
       CASE WHEN n.start IS NOT DISTINCT FROM d.start THEN 0
            WHEN d.start IS NULL OR n.start < d.start THEN -1 ELSE 1 END, count(*)
  FROM cover_new n
  JOIN cover_due d ON d.receivable_id = n.receivable_id
 GROUP BY 1, 2, 3, 4, 5
"""

SAMPLES = """
SELECT d.person_id, d.receivable_id, d.paid_on, d.start, d."end", d.rule, n.start, n."end", n.rule, n.facts
  FROM cover_new n
  JOIN cover_due d ON d.receivable_id = n.receivable_id
 ORDER BY d.start IS NOT DISTINCT FROM n.start, d.receivable_id
 LIMIT %(most)s
"""

DROP = "DROP TABLE IF EXISTS cover_due, cover_new, cover_odd, cover_former"
