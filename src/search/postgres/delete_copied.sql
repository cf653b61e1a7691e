WITH gone AS (
  DELETE FROM reeve_vectors_{0} WHERE ledger_id = $1::uuid AND key = ANY ($3::text[]) RETURNING key
)
UPDATE reeve_search_copies SET rows = rows - (SELECT count(*) FROM gone) WHERE ledger_id = $1::uuid AND number = $2
