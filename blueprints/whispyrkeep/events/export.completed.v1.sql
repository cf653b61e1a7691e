-- expect 1: no export :export_id that waits for its document
UPDATE exports SET status = 'completed', sha256 = :sha256, bytes = :bytes
WHERE export_id = :export_id AND status = 'requested';
