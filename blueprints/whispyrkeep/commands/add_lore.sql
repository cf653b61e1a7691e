-- Adds soft lore that no turn told.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- check: there is a chunk :chunk_id already
SELECT :chunk_id IS NULL OR NOT EXISTS (SELECT 1 FROM lore_chunks WHERE chunk_id = :chunk_id);

-- emit: lore_chunk.added
SELECT COALESCE(:chunk_id, new_uuid('chunk')) AS chunk_id, :universe_id AS universe_id, :text AS text,
       :source_ref AS source_ref, :tags AS tags, :time_range AS time_range;
