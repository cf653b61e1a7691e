INSERT INTO world_entry_embeddings (entry_id, model, text_hash, embedding, failure, embedded_at)
VALUES (:entry_id, :model, :text_hash, decode(:embedding, 'base64'), :failure, :at)
ON CONFLICT (entry_id) DO UPDATE SET model = excluded.model, text_hash = excluded.text_hash,
  embedding = excluded.embedding, failure = excluded.failure, embedded_at = excluded.embedded_at;
