-- Lines and yuan of the judged chunk by outcome; repeated lines are counted where they were before.
SELECT outcome, count(*) AS lines, coalesce(sum(amount) FILTER (WHERE turn = 1), 0) AS amount,
       coalesce(sum(amount) FILTER (WHERE turn = 2), 0) AS returned, count(*) FILTER (WHERE NOT fresh) AS repeated
  FROM judged
 GROUP BY outcome;
