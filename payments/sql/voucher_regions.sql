-- Regions that have payments of a year, by skipping through the (region, id) index of its leaf.
WITH RECURSIVE seen AS (
  (SELECT p.region_id FROM payments_payment p
    WHERE p.id >= :low AND p.id < :high ORDER BY p.region_id LIMIT 1)
  UNION ALL
  SELECT (SELECT p.region_id FROM payments_payment p
           WHERE p.id >= :low AND p.id < :high AND p.region_id > seen.region_id ORDER BY p.region_id LIMIT 1)
    FROM seen WHERE seen.region_id IS NOT NULL
)
SELECT region_id FROM seen WHERE region_id IS NOT NULL;
