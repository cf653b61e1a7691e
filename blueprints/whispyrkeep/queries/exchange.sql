-- name: universe_document :one
-- A universe in the parts that import_universe takes, from one snapshot.
-- Of a campaign whose turns are archived it has what they told of the world that holds, as lore of its own, and no more.
SELECT 'whispyrkeep.universe/1' AS format,
  (SELECT jsonb_agg(jsonb_build_object('source', r.source, 'licence', r.licence, 'attribution', r.attribution)
                    ORDER BY r.source) FROM reference_sources r) AS attributions,
  jsonb_build_object(
    'universe_id', u.universe_id, 'name', u.name, 'description', u.description, 'tone_profile', u.tone_profile,
    'rules_profile', u.rules_profile, 'current_universe_time', u.current_universe_time, 'is_archived', u.is_archived)
    || CASE WHEN u.calendar_profile = '{}'::jsonb THEN '{}'::jsonb
            ELSE jsonb_build_object('calendar_profile', u.calendar_profile) END AS universe,
  (SELECT jsonb_agg(jsonb_build_object('doc_id', d.doc_id, 'source_type', d.source_type, 'title', d.title, 'text', d.text)
                    ORDER BY d.created_at, d.doc_id)
   FROM universe_hard_canon_docs d WHERE d.universe_id = u.universe_id) AS canon_docs,
  (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'chunk_id', l.chunk_id, 'text', l.text, 'source_ref', l.source_ref, 'tags', l.tags,
            'time_range', l.time_range, 'doc_id', l.doc_id)) ORDER BY l.created_at, l.chunk_id)
   FROM lore_chunks l
   WHERE l.universe_id = u.universe_id
     AND ((NOT l.is_compacted
           AND l.campaign_id IN (SELECT c.campaign_id FROM campaigns c
                                 WHERE c.universe_id = u.universe_id AND c.archived_turns IS NOT NULL))
          OR (l.turn_index IS NULL
              AND NOT EXISTS (SELECT 1 FROM lore_chunks o WHERE o.superseded_by = l.chunk_id)))) AS lore,
  (SELECT jsonb_agg(jsonb_build_object(
            'entry_id', h.entry_id, 'entry_type', h.entry_type, 'name', h.name, 'description', h.description,
            'details', h.details, 'is_locked', h.is_locked) ORDER BY h.name)
   FROM homebrew_entries h WHERE h.universe_id = u.universe_id) AS homebrew,
  (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'sheet_id', s.sheet_id, 'name', s.name, 'species', s.species, 'class', s.class, 'subclass', s.subclass,
            'background', s.background, 'level', s.level)) || jsonb_build_object(
            'ability_scores', s.ability_scores, 'skills', s.skills, 'proficiencies', s.proficiencies,
            'features', s.features, 'spellbook', s.spellbook, 'equipment', s.equipment, 'homebrew', s.homebrew)
            ORDER BY s.sheet_id)
   FROM character_sheets s
   WHERE s.universe_id = u.universe_id
      OR s.sheet_id IN (SELECT c.sheet_id FROM campaigns c WHERE c.universe_id = u.universe_id)) AS sheets,
  (SELECT jsonb_agg(jsonb_build_object(
            'campaign_id', c.campaign_id, 'sheet_id', c.sheet_id, 'title', c.title, 'mode', c.mode,
            'target_length', c.target_length, 'failure_style', c.failure_style, 'content_rating', c.content_rating,
            'status', c.status, 'initial_state', c.initial_state, 'turns', COALESCE((
              SELECT jsonb_agg(jsonb_build_object(
                       'turn_id', t.turn_id, 'turn_index', t.turn_index, 'user_input_text', t.user_input_text,
                       'llm_response_text', t.llm_response_text, 'roll_spec', t.roll_spec,
                       'roll_results', t.roll_results, 'state_patch', t.state_patch, 'lore_deltas', t.lore_deltas,
                       'state_hash', t.canonical_state_hash) ORDER BY t.turn_index)
              FROM turn_events t WHERE t.campaign_id = c.campaign_id), '[]'::jsonb)) ORDER BY c.created_at, c.campaign_id)
   FROM campaigns c WHERE c.universe_id = u.universe_id AND c.archived_turns IS NULL) AS campaigns,
  (SELECT jsonb_agg(jsonb_build_object('chunk_id', s.chunk_id, 'text', s.text, 'tags', s.tags, 'supersedes', (
            SELECT jsonb_agg(o.chunk_id ORDER BY o.chunk_id) FROM lore_chunks o WHERE o.superseded_by = s.chunk_id))
            ORDER BY s.created_at, s.chunk_id)
   FROM lore_chunks s
   WHERE s.universe_id = u.universe_id
     AND (s.campaign_id IS NULL
          OR s.campaign_id IN (SELECT c.campaign_id FROM campaigns c
                               WHERE c.universe_id = u.universe_id AND c.archived_turns IS NULL))
     AND EXISTS (SELECT 1 FROM lore_chunks p WHERE p.superseded_by = s.chunk_id)) AS summaries
FROM universes u WHERE u.universe_id = :universe_id;
