-- Notes that a file of an import could not be taken, and why.
-- check: no import :batch_id is open
SELECT EXISTS (SELECT 1 FROM batches WHERE batch_id = :batch_id AND ended_at IS NULL);

-- emit: file.refused
SELECT :batch_id AS batch_id, :file_path AS file_path, :description AS description;
