INSERT INTO node_embeddings (node_id, model, text_hash, embedding, failure, embedded_at)
VALUES (:node_id, :model, :text_hash, decode(:embedding, 'base64'), :failure, :at)
ON CONFLICT (node_id) DO UPDATE SET model = excluded.model, text_hash = excluded.text_hash,
  embedding = excluded.embedding, failure = excluded.failure, embedded_at = excluded.embedded_at;
