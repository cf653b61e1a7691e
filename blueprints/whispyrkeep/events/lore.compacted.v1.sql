-- expect 1: the chunks are not all active soft lore of the universe :universe_id, and of one campaign or of none
INSERT INTO lore_chunks (chunk_id, universe_id, chunk_type, source_ref, text, tags, time_range, from_year, to_year,
                         campaign_id, turn_index, created_at, updated_at)
SELECT :chunk_id, :universe_id, 'soft_lore', 'compaction', :text, COALESCE(:tags, '[]'::jsonb), o.time_range, o.from_year,
       o.to_year, o.campaign_id, o.turn_index, :at, :at
FROM (SELECT count(*) AS chunks, count(DISTINCT COALESCE(l.campaign_id::text, '')) AS campaigns,
             min(l.campaign_id::text)::uuid AS campaign_id, max(l.turn_index) AS turn_index,
             min(l.from_year) AS from_year,
             CASE WHEN bool_and(l.to_year IS NOT NULL) THEN max(l.to_year) END AS to_year,
             CASE WHEN min(l.from_year) IS NOT NULL
                  THEN jsonb_strip_nulls(jsonb_build_object('from_year', min(l.from_year), 'to_year',
                         CASE WHEN bool_and(l.to_year IS NOT NULL) THEN max(l.to_year) END)) END AS time_range
      FROM jsonb_array_elements_text(:supersedes) AS e (value)
      JOIN lore_chunks l ON l.chunk_id = e.value::uuid AND l.universe_id = :universe_id AND l.chunk_type = 'soft_lore'
                        AND NOT l.is_compacted) o
WHERE o.chunks = jsonb_array_length(:supersedes) AND o.campaigns = 1;

UPDATE lore_chunks SET is_compacted = true, superseded_by = :chunk_id
WHERE chunk_id IN (SELECT e.value::uuid FROM jsonb_array_elements_text(:supersedes) AS e (value));

DELETE FROM lore_embeddings
WHERE chunk_id IN (SELECT e.value::uuid FROM jsonb_array_elements_text(:supersedes) AS e (value));
