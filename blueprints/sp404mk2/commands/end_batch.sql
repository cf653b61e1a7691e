-- Ends an import.
-- check: no import :batch_id is open
SELECT EXISTS (SELECT 1 FROM batches WHERE batch_id = :batch_id AND ended_at IS NULL);

-- emit: batch.ended
SELECT :batch_id AS batch_id;
