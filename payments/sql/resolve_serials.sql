-- A serial stands for the first OK line of the file that has it and is not rejected; another reference cannot use it.
UPDATE :"resolved" r
   SET serial_taken = true
  FROM (SELECT line_no, row_number() OVER (PARTITION BY serial ORDER BY line_no) AS place
          FROM :"resolved"
         WHERE ok AND serial <> '' AND early IS DISTINCT FROM 6
           AND serial IN (SELECT serial FROM :"resolved" WHERE ok AND serial <> '' AND early IS DISTINCT FROM 6
                           GROUP BY serial HAVING count(*) > 1)) AS again
 WHERE again.place > 1 AND again.line_no = r.line_no;
