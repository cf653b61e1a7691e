-- expect 1: no active chunk :chunk_id
INSERT INTO lore_embeddings (chunk_id, model, text_hash, embedding, failure, embedded_at)
SELECT l.chunk_id, :model, :text_hash, decode(:embedding, 'base64'), :failure, :at
FROM lore_chunks l WHERE l.chunk_id = :chunk_id AND NOT l.is_compacted
ON CONFLICT (chunk_id) DO UPDATE SET model = excluded.model, text_hash = excluded.text_hash,
  embedding = excluded.embedding, failure = excluded.failure, embedded_at = excluded.embedded_at;
