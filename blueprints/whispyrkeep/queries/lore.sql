-- name: lore_at_year :many
-- What is known of a universe at a year, hard canon first.
SELECT chunk_id, chunk_type, source_ref, text, tags, from_year, to_year, doc_id, campaign_id, turn_index
FROM lore_chunks
WHERE universe_id = :universe_id AND NOT is_compacted
  AND (from_year IS NULL OR from_year <= :year) AND (to_year IS NULL OR to_year >= :year)
  AND (:chunk_type::text IS NULL OR chunk_type = :chunk_type)
ORDER BY chunk_type, from_year, chunk_id;

-- name: chunks_by_id :many
-- Those of the ids that are active, in their order.
SELECT l.chunk_id, l.chunk_type, source_ref, text, tags, from_year, to_year, doc_id, campaign_id, turn_index
FROM jsonb_array_elements_text(:ids::jsonb) WITH ORDINALITY AS e (id, place)
JOIN lore_chunks l ON l.chunk_id = e.id::uuid
WHERE NOT l.is_compacted
ORDER BY e.place;

-- name: lore_of_turn :many
-- The chunks that came from a turn, those too that a summary stands for by now.
SELECT chunk_id, text, tags, is_active, superseded_by FROM lore_chunks
WHERE campaign_id = :campaign_id AND turn_index = :turn_index ORDER BY chunk_id;

-- name: superseded :many
-- What a summary stands for.
SELECT v.supersedes_chunk_id, l.text, l.turn_index
FROM lore_supersessions v JOIN lore_chunks l ON l.chunk_id = v.supersedes_chunk_id
WHERE v.chunk_id = :chunk_id ORDER BY l.turn_index, v.supersedes_chunk_id;

-- name: lore_to_compact :many
-- The oldest soft lore of a campaign's turns up to one.
SELECT chunk_id, text, turn_index FROM lore_chunks
WHERE campaign_id = :campaign_id AND turn_index <= :until_turn AND NOT is_compacted
ORDER BY turn_index, chunk_id LIMIT COALESCE(:limit::integer, 100);

-- name: canon_docs :many
SELECT doc_id, source_type, title, checksum, length(text) AS characters, created_at
FROM universe_hard_canon_docs WHERE universe_id = :universe_id ORDER BY created_at, doc_id;

-- name: canon_doc_by_id :one
SELECT doc_id, universe_id, source_type, title, text, checksum FROM universe_hard_canon_docs WHERE doc_id = :doc_id;
