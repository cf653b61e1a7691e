-- expect 1: no document :doc_id in the universe :universe_id
INSERT INTO lore_chunks (chunk_id, universe_id, chunk_type, source_ref, text, tags, time_range, from_year, to_year, doc_id,
                         created_at, updated_at)
SELECT :chunk_id, :universe_id, CASE WHEN :doc_id IS NULL THEN 'soft_lore' ELSE 'hard_canon' END,
       COALESCE(:source_ref, ''), :text, COALESCE(:tags, '[]'::jsonb), :time_range,
       (:time_range ->> 'from_year')::bigint, (:time_range ->> 'to_year')::bigint, :doc_id, :at, :at
WHERE :doc_id IS NULL
   OR EXISTS (SELECT 1 FROM universe_hard_canon_docs d WHERE d.doc_id = :doc_id AND d.universe_id = :universe_id);
