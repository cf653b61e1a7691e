-- Writes soft lore anew that no turn told. What a turn told stays as it was told.
-- check: no active soft lore :chunk_id of which no turn tells
SELECT EXISTS (SELECT 1 FROM lore_chunks WHERE chunk_id = :chunk_id AND chunk_type = 'soft_lore' AND NOT is_compacted
                                           AND turn_index IS NULL);

-- emit: lore_chunk.rewritten
SELECT chunk_id, :text AS text, COALESCE(:tags, tags) AS tags FROM lore_chunks WHERE chunk_id = :chunk_id;
