-- Takes in a universe as an account of elsewhere exported it, with the ids that it has there: all of it, or nothing.
-- Each turn is played anew, and has to leave the hash that it left there.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the account has a universe of the same id already
SELECT NOT EXISTS (SELECT 1 FROM universes WHERE universe_id = (:universe ->> 'universe_id')::uuid);

-- check: the account has a campaign of the same id already
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(:campaigns, '[]'::jsonb)) AS e (value)
                   JOIN campaigns t ON t.campaign_id = (e.value ->> 'campaign_id')::uuid);

-- check: the account has a chunk of lore of the same id already
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(:lore, '[]'::jsonb)) AS e (value)
                   JOIN lore_chunks t ON t.chunk_id = (e.value ->> 'chunk_id')::uuid);

-- check: the account has an entry of the same id already
SELECT NOT EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(:homebrew, '[]'::jsonb)) AS e (value)
                   JOIN homebrew_entries t ON t.entry_id = (e.value ->> 'entry_id')::uuid);

-- emit: universe.created
SELECT :universe ->> 'universe_id' AS universe_id, :user_id AS user_id,
       :universe ->> 'name' AS name, :universe ->> 'description' AS description,
       :universe -> 'tone_profile' AS tone_profile, :universe -> 'rules_profile' AS rules_profile,
       :universe -> 'calendar_profile' AS calendar_profile,
       :universe -> 'current_universe_time' AS current_universe_time;

-- emit: canon_doc.added
SELECT :universe ->> 'universe_id' AS universe_id,
       e.value ->> 'doc_id' AS doc_id, e.value ->> 'source_type' AS source_type, e.value ->> 'title' AS title,
       e.value ->> 'text' AS text
FROM jsonb_array_elements(COALESCE(:canon_docs, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: lore_chunk.added
SELECT :universe ->> 'universe_id' AS universe_id,
       e.value ->> 'chunk_id' AS chunk_id, e.value ->> 'text' AS text, e.value ->> 'source_ref' AS source_ref,
       e.value -> 'tags' AS tags, e.value -> 'time_range' AS time_range, e.value ->> 'doc_id' AS doc_id
FROM jsonb_array_elements(COALESCE(:lore, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: homebrew.written
SELECT :universe ->> 'universe_id' AS universe_id,
       e.value ->> 'entry_id' AS entry_id, e.value ->> 'entry_type' AS entry_type, e.value ->> 'name' AS name,
       e.value ->> 'description' AS description, e.value -> 'details' AS details
FROM jsonb_array_elements(COALESCE(:homebrew, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: homebrew.locked
SELECT e.value ->> 'entry_id' AS entry_id, true AS is_locked
FROM jsonb_array_elements(COALESCE(:homebrew, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
WHERE (e.value ->> 'is_locked')::boolean
ORDER BY e.place;

-- emit: sheet.created
SELECT :universe ->> 'universe_id' AS universe_id, :user_id AS user_id,
       e.value ->> 'sheet_id' AS sheet_id, e.value ->> 'name' AS name, e.value ->> 'species' AS species,
       e.value ->> 'class' AS class, e.value ->> 'subclass' AS subclass, e.value ->> 'background' AS background,
       (e.value ->> 'level')::bigint AS level, e.value -> 'ability_scores' AS ability_scores,
       e.value -> 'skills' AS skills, e.value -> 'proficiencies' AS proficiencies,
       e.value -> 'features' AS features, e.value -> 'spellbook' AS spellbook, e.value -> 'equipment' AS equipment,
       e.value -> 'homebrew' AS homebrew
FROM jsonb_array_elements(COALESCE(:sheets, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
WHERE NOT EXISTS (SELECT 1 FROM character_sheets s WHERE s.sheet_id = (e.value ->> 'sheet_id')::uuid)
ORDER BY e.place;

-- emit: campaign.started
SELECT :universe ->> 'universe_id' AS universe_id, :user_id AS user_id,
       e.value ->> 'campaign_id' AS campaign_id, e.value ->> 'sheet_id' AS sheet_id, e.value ->> 'title' AS title,
       e.value ->> 'mode' AS mode, e.value ->> 'target_length' AS target_length,
       e.value ->> 'failure_style' AS failure_style, e.value ->> 'content_rating' AS content_rating,
       e.value -> 'initial_state' AS initial_state
FROM jsonb_array_elements(COALESCE(:campaigns, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: turn.recorded
SELECT e.value ->> 'campaign_id' AS campaign_id,
       t.value ->> 'turn_id' AS turn_id, (t.value ->> 'turn_index')::bigint AS turn_index,
       t.value ->> 'user_input_text' AS user_input_text, t.value ->> 'llm_response_text' AS llm_response_text,
       t.value -> 'roll_spec' AS roll_spec, t.value -> 'roll_results' AS roll_results,
       t.value -> 'state_patch' AS state_patch, t.value -> 'lore_deltas' AS lore_deltas,
       t.value ->> 'state_hash' AS state_hash
FROM jsonb_array_elements(COALESCE(:campaigns, '[]'::jsonb)) WITH ORDINALITY AS e (value, place),
     jsonb_array_elements(e.value -> 'turns') WITH ORDINALITY AS t (value, place)
ORDER BY e.place, t.place;

-- emit: lore.compacted
SELECT :universe ->> 'universe_id' AS universe_id,
       e.value ->> 'chunk_id' AS chunk_id, e.value ->> 'text' AS text, e.value -> 'tags' AS tags,
       e.value -> 'supersedes' AS supersedes
FROM jsonb_array_elements(COALESCE(:summaries, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
ORDER BY e.place;

-- emit: campaign.status_changed
SELECT e.value ->> 'campaign_id' AS campaign_id, e.value ->> 'status' AS status
FROM jsonb_array_elements(COALESCE(:campaigns, '[]'::jsonb)) WITH ORDINALITY AS e (value, place)
WHERE e.value ->> 'status' <> 'active'
ORDER BY e.place;

-- emit: universe.changed
SELECT :universe ->> 'universe_id' AS universe_id, :universe ->> 'name' AS name,
       COALESCE(:universe ->> 'description', '') AS description, COALESCE(:universe -> 'tone_profile', '{}') AS tone_profile,
       COALESCE(:universe -> 'rules_profile', '{}') AS rules_profile, true AS is_archived
WHERE (:universe ->> 'is_archived')::boolean
LIMIT 1;
