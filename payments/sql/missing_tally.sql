-- Rows of ours that the file lacks.
SELECT count(*) AS lines, coalesce(sum(amount) FILTER (WHERE turn = 1), 0) AS amount,
       coalesce(sum(amount) FILTER (WHERE turn = 2), 0) AS returned, count(*) FILTER (WHERE NOT fresh) AS repeated
  FROM missing;
