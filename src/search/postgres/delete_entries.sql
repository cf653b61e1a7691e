-- The lower 20 bits of an entry are its length.
WITH gone AS (
  DELETE FROM reeve_search_documents
  WHERE ledger_id = $1::uuid AND number = $2 AND key = ANY ($3::text[])
  RETURNING entry, terms
), places AS (
  DELETE FROM reeve_search_postings p USING (SELECT entry, unnest(terms) AS term FROM gone) AS g
  WHERE p.ledger_id = $1::uuid AND p.number = $2 AND p.term = g.term AND p.entry = g.entry
)
UPDATE reeve_search SET documents = documents - (SELECT count(*) FROM gone),
  words = words - (SELECT coalesce(sum(entry & 1048575), 0)::bigint FROM gone)
WHERE ledger_id = $1::uuid AND number = $2
