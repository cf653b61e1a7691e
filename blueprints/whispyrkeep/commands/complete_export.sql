-- Says what the document of an export is.
-- check: no export :export_id that waits for its document
SELECT EXISTS (SELECT 1 FROM exports WHERE export_id = :export_id AND status = 'requested');

-- emit: export.completed
SELECT :export_id AS export_id, :sha256 AS sha256, :bytes AS bytes;
