WITH RECURSIVE up (key) AS (
  SELECT t.{0} FROM {1} t WHERE t.{0} = {3}{4}
  UNION
  SELECT t.{2} FROM up JOIN {1} t ON t.{0} = up.key{4} WHERE t.{2} IS NOT NULL
)
SELECT key FROM up
