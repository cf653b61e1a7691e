INSERT INTO sound_vectors (sample_id, embedding, model) VALUES (:sample_id, decode(:embedding, 'base64'), :model)
ON CONFLICT (sample_id) DO UPDATE SET embedding = excluded.embedding, model = excluded.model;
