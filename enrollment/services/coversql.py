"""The set-based statements of cover: ``{relation}`` is the caller's view, quoted; the rest are parameters.

Every join is bounded by the range of the chunk's keys, and what is joined to the relation is small or of its
size: with nested loops off no plan can be quadratic, however stale the statistics of fresh tables are.
"""

BOUNDS = """
SELECT paid_on, count(*), count(payment_id),
       min(receivable_id), max(receivable_id), min(person_id), max(person_id)
  FROM {relation}
 GROUP BY paid_on
"""

ROWS = """
SELECT receivable_id, payment_id, person_id, region_id, paid_on FROM {relation} ORDER BY receivable_id
"""

# The twin of Known.is_plain (enrollment/known.py), turned round: the rows of persons who are not plain.
MAKE_ODD = """
CREATE TEMPORARY TABLE cover_odd ON COMMIT DROP AS
SELECT receivable_id, payment_id, person_id, region_id, paid_on
  FROM {relation}
 WHERE person_id IN (
   SELECT id FROM enrollment_person
    WHERE id BETWEEN %(first)s AND %(last)s AND birth_date >= %(born_from)s AND birth_date < %(born_to)s
   UNION ALL
   SELECT person_id FROM enrollment_specialstatus WHERE person_id BETWEEN %(first)s AND %(last)s
   UNION ALL
   SELECT person_id FROM enrollment_employeespell WHERE person_id BETWEEN %(first)s AND %(last)s
   UNION ALL
   SELECT person_id FROM enrollment_personcategory
    WHERE person_id BETWEEN %(first)s AND %(last)s AND category = ANY(%(named)s::varchar[]))
"""

# Where the terms look at breaks: first those who were not covered in the year before, most often a few ...
MAKE_UNCOVERED = """
CREATE TEMPORARY TABLE cover_uncovered ON COMMIT DROP AS
SELECT r.receivable_id, r.payment_id, r.person_id, r.region_id, r.paid_on
  FROM {relation} r
 WHERE NOT EXISTS (
         SELECT FROM enrollment_priorcover p
          WHERE p.person_id = r.person_id AND p.person_id BETWEEN %(first)s AND %(last)s
            AND p.benefit_year = %(year)s - 1)
   AND NOT EXISTS (
         SELECT FROM enrollment_coverage c
          WHERE c.person_id = r.person_id AND c.person_id BETWEEN %(first)s AND %(last)s
            AND c.id >= (%(year)s - 1) * %(factor)s AND c.id < %(year)s * %(factor)s
            AND c.start IS NOT NULL
            AND NOT EXISTS (
                  SELECT FROM enrollment_coverage n
                   WHERE n.id / 100 = c.id / 100 AND n.id > c.id AND mod(n.id, 100) > 0
                     AND n.person_id BETWEEN %(first)s AND %(last)s
                     AND n.id >= (%(year)s - 1) * %(factor)s AND n.id < %(year)s * %(factor)s))
"""

# ... then those of them who were covered in some year before that: they have a break.
ADD_BROKEN = """
INSERT INTO cover_odd
SELECT u.*
  FROM cover_uncovered u
 WHERE (EXISTS (SELECT FROM enrollment_priorcover p
                 WHERE p.person_id = u.person_id AND p.benefit_year < %(year)s)
        OR EXISTS (
             SELECT FROM enrollment_coverage c
              WHERE c.person_id = u.person_id AND c.id < %(year)s * %(factor)s AND c.start IS NOT NULL
                AND NOT EXISTS (
                      SELECT FROM enrollment_coverage n
                       WHERE n.id > c.id AND n.id <= c.id / 100 * 100 + 99 AND n.id < %(year)s * %(factor)s)))
   AND u.receivable_id NOT IN (SELECT receivable_id FROM cover_odd)
"""

MAKE_FORMER = """
CREATE TEMPORARY TABLE cover_former ON COMMIT DROP AS
SELECT id / 100 AS receivable_id, max(id) AS id
  FROM enrollment_coverage
 WHERE id BETWEEN %(low)s AND %(high)s
 GROUP BY id / 100
"""

FULL = "SELECT receivable_id FROM cover_former WHERE mod(id, 100) = 99 ORDER BY 1 LIMIT 1"

_INSERT = """
INSERT INTO enrollment_coverage
  (id, person_id, region_id, scheme, start, "end", rule, wait_fixed, wait_variable, repair_years,
   policy_id, payment_id, paid_on, supersedes, reason, facts, decided_at)
"""

# Plain persons: one decision a payment date, joined by that date.
INSERT_PLAIN = f"""{_INSERT}
SELECT coalesce(former.id + 1, r.receivable_id * 100), r.person_id, r.region_id, %(scheme)s,
       d.start, d."end", d.rule, d.wait_fixed, d.wait_variable, 0,
       %(policy)s, r.payment_id, r.paid_on, former.id, %(reason)s, NULL, %(at)s
  FROM {{relation}} r
  JOIN unnest(%(paid_on)s::date[], %(start)s::date[], %(end)s::date[], %(rule)s::varchar[],
              %(wait_fixed)s::smallint[], %(wait_variable)s::smallint[])
    AS d (paid_on, start, "end", rule, wait_fixed, wait_variable) ON d.paid_on = r.paid_on
  LEFT JOIN cover_former former ON former.receivable_id = r.receivable_id
  LEFT JOIN cover_odd odd ON odd.receivable_id = r.receivable_id
 WHERE odd.receivable_id IS NULL
 ORDER BY r.receivable_id
"""

LAST_ROWS = """
SELECT wanted.receivable_id, last.id
  FROM unnest(%(receivables)s::bigint[]) AS wanted (receivable_id)
 CROSS JOIN LATERAL (
   SELECT max(c.id) AS id FROM enrollment_coverage c
    WHERE c.id BETWEEN wanted.receivable_id * 100 AND wanted.receivable_id * 100 + 99
      AND c.id BETWEEN %(low)s AND %(high)s) AS last
 WHERE last.id IS NOT NULL
"""

INSERT_DECIDED = f"""{_INSERT}
SELECT n.id, n.person_id, n.region_id, %(scheme)s,
       n.start, n."end", n.rule, n.wait_fixed, n.wait_variable, n.repair_years,
       %(policy)s, n.payment_id, n.paid_on, n.supersedes, %(reason)s, n.facts, %(at)s
  FROM unnest(%(id)s::bigint[], %(person_id)s::bigint[], %(region_id)s::varchar[],
              %(start)s::date[], %(end)s::date[], %(rule)s::varchar[],
              %(wait_fixed)s::smallint[], %(wait_variable)s::smallint[], %(repair_years)s::smallint[],
              %(payment_id)s::bigint[], %(paid_on)s::date[], %(supersedes)s::bigint[], %(facts)s::jsonb[])
    AS n (id, person_id, region_id, start, "end", rule, wait_fixed, wait_variable, repair_years,
          payment_id, paid_on, supersedes, facts)
 ORDER BY n.id
"""

# A row that takes cover away repeats what was decided, without its period.
INSERT_ENDED = f"""{_INSERT}
SELECT c.id + 1, c.person_id, c.region_id, c.scheme,
       NULL, NULL, c.rule, c.wait_fixed, c.wait_variable, c.repair_years,
       c.policy_id, c.payment_id, c.paid_on, c.id, %(reason)s, c.facts, %(at)s
  FROM enrollment_coverage c
 WHERE c.id = ANY(%(former)s::bigint[]) AND c.id BETWEEN %(low)s AND %(high)s
   AND c.reason <> ALL(%(ending)s::varchar[])
 ORDER BY c.id
"""
