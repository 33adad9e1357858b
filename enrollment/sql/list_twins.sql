-- Persons named by several rows of a list, with the lines.
SELECT r.number, array_agg(r.line ORDER BY r.line) AS lines
  FROM :"rows" r
  JOIN (SELECT w.id_type, w.number, w.category FROM :"rows" w GROUP BY w.id_type, w.number, w.category HAVING count(*) > 1) AS t
       USING (id_type, number, category)
 GROUP BY r.id_type, r.number, r.category ORDER BY min(r.line);
