-- How many receivables stay out, and why; those that stand in a batch of the day already are neither in nor out.
SELECT reason, count(*) AS lines FROM candidate
 WHERE reason IS NOT NULL AND reason <> 'IN_BATCH'
 GROUP BY reason ORDER BY reason;
