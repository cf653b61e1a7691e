INSERT INTO sound_vectors (sample_id, embedding) VALUES (:sample_id, decode(:embedding, 'base64'))
ON CONFLICT (sample_id) DO UPDATE SET embedding = excluded.embedding;
