-- The files that the candidates fill, in the order of the receivables: lines and yuan of each.
SELECT count(*) AS lines, sum(amount) AS amount
  FROM (SELECT amount, (row_number() OVER (ORDER BY id) - 1) / :max_lines AS part FROM candidate WHERE reason IS NULL) AS placed
 GROUP BY part
 ORDER BY part;
