-- expect 1: no active soft lore :chunk_id of which no turn tells
UPDATE lore_chunks SET text = :text, tags = :tags
WHERE chunk_id = :chunk_id AND chunk_type = 'soft_lore' AND NOT is_compacted AND turn_index IS NULL;
