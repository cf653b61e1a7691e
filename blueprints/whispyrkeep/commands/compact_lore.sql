-- Puts one summary in the place of several chunks of soft lore. Hard canon is never compacted.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- check: there is a chunk :chunk_id already
SELECT :chunk_id IS NULL OR NOT EXISTS (SELECT 1 FROM lore_chunks WHERE chunk_id = :chunk_id);

-- check: hard canon is never compacted
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(:supersedes) AS e (value)
                   JOIN lore_chunks l ON l.chunk_id = e.value::uuid WHERE l.chunk_type = 'hard_canon');

-- check: not all of the chunks are active soft lore of the universe :universe_id
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(:supersedes) AS e (value)
                   LEFT JOIN lore_chunks l ON l.chunk_id = e.value::uuid AND l.universe_id = :universe_id
                                          AND NOT l.is_compacted
                   WHERE l.chunk_id IS NULL);

-- emit: lore.compacted
SELECT COALESCE(:chunk_id, new_uuid('summary')) AS chunk_id, :universe_id AS universe_id, :text AS text, :tags AS tags,
       :supersedes AS supersedes;
