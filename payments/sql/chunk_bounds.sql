-- The instruction ids of a chunk: they bound every join of the chunk.
SELECT coalesce(min(instruction_id), 0), coalesce(max(instruction_id), 0)
  FROM :"resolved"
 WHERE position BETWEEN :first AND :last;
