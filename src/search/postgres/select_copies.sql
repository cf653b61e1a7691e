-- The schema of pgvector is '' where the table, its column or the right to use the extension is gone; the last one tells
-- whether there is an index to ask.
SELECT s.name, s.number, s.definition, s.sequence, s.chain_hash, s.rows,
  CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN n.nspname ELSE '' END,
  EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
          WHERE i.indrelid = c.oid AND i.indisvalid AND m.amname = 'hnsw')
FROM reeve_search_copies s
  LEFT JOIN pg_class c ON c.relnamespace = current_schema()::regnamespace AND c.relname = 'reeve_vectors_' || s.number
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'embedding' AND NOT a.attisdropped
  LEFT JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE s.ledger_id = $1::uuid ORDER BY s.name
