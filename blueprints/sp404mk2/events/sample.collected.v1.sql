INSERT INTO collection_samples (collection_id, sample_id) VALUES (:collection_id, :sample_id);
