-- Cover in force that began on :on or the two days before.
SELECT c.id / 100 AS subject_id, c.region_id, c.person_id, c.id / 1000000000000 AS year,
       CAST(NULL AS numeric) AS amount, c.start AS day, CAST(:on AS date) + 7 AS until
  FROM enrollment_coverage c
 WHERE c.start > CAST(:on AS date) - 3 AND c.start <= CAST(:on AS date) AND c.payment_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM enrollment_coverage later
                    WHERE later.id > c.id AND later.id <= c.id / 100 * 100 + 99);
