-- expect 1: no import :batch_id is open
UPDATE batches SET ended_at = :at WHERE batch_id = :batch_id AND ended_at IS NULL;
