-- One receivable for each priced enrolment that has none in the year yet, numbered in the order of the enrolments.
INSERT INTO payments_receivable
  (id, benefit_year, scheme, price_class, standard, aid_category, aid, amount, is_late, assessed_on, assessed_at,
   enrollment_id, person_id, policy_id, region_id)
SELECT :year * 10000000000 + nextval(:sequence), :year, scheme, price_class, standard, aid_category, aid, amount, is_late,
       CAST(:on AS date), CAST(:at AS timestamptz), enrollment_id, person_id, :policy, :region
  FROM (SELECT * FROM priced v
         WHERE v.standard IS NOT NULL
           AND NOT EXISTS (SELECT FROM payments_receivable r
                WHERE r.id > :year * 10000000000 AND r.id < (:year + 1) * 10000000000
                  AND r.region_id = :region AND r.person_id = v.person_id AND r.scheme = v.scheme)
         ORDER BY v.enrollment_id) AS news;
