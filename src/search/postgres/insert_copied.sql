WITH come AS (
  INSERT INTO reeve_vectors_{0} (ledger_id, key, embedding)
  SELECT $1::uuid, v.key, v.embedding::{1}.vector FROM unnest($3::text[], $4::text[]) AS v (key, embedding)
  RETURNING key
)
UPDATE reeve_search_copies SET rows = rows + (SELECT count(*) FROM come) WHERE ledger_id = $1::uuid AND number = $2
