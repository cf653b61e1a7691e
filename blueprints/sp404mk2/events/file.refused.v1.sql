-- expect 1: no import :batch_id
UPDATE batches SET failed = failed + 1 WHERE batch_id = :batch_id;
