-- A chunk's report: lines and yuan by bucket, repeated ones apart, and how many instructions were answered first here.
SELECT bucket, count(*) AS lines, coalesce(sum(due), 0) AS amount, sum(money) AS debited,
       count(*) FILTER (WHERE repeated) AS repeated,
       coalesce(sum(due) FILTER (WHERE repeated), 0) AS repeated_amount,
       coalesce(sum(money) FILTER (WHERE repeated), 0) AS repeated_debited,
       count(*) FILTER (WHERE first_answer) AS answered,
       coalesce(sum(asked) FILTER (WHERE first_answer), 0) AS answered_amount
  FROM judged
 GROUP BY bucket
 ORDER BY bucket;
