-- name: universes_of_user :many
SELECT universe_id, name, description, current_universe_time, canonical_lore_version, is_archived
FROM universes WHERE user_id = :user_id AND (:archived::boolean IS NULL OR is_archived = :archived)
ORDER BY name, universe_id;

-- name: universe_by_id :one
SELECT universe_id, user_id, name, description, tone_profile, rules_profile, calendar_profile, current_universe_time,
       canonical_lore_version, is_archived, created_at, updated_at
FROM universes WHERE universe_id = :universe_id;

-- name: sheets_of_user :many
SELECT sheet_id, universe_id, name, species, class, level FROM character_sheets
WHERE user_id = :user_id ORDER BY name, sheet_id;

-- name: sheet_by_id :one
SELECT sheet_id, user_id, universe_id, name, species, class, subclass, background, level, ability_scores, skills,
       proficiencies, features, spellbook, equipment, homebrew
FROM character_sheets WHERE sheet_id = :sheet_id;

-- name: catalogue :many
-- What a universe has: the reference entries of the pinned version, and its own beside or instead of them.
SELECT h.entry_type, h.name, h.description, h.details, 'homebrew' AS origin, h.entry_id, h.is_locked
FROM homebrew_entries h
WHERE h.universe_id = :universe_id AND (:entry_type::text IS NULL OR h.entry_type = :entry_type)
UNION ALL
SELECT r.entry_type, r.name, r.description, r.details, r.source AS origin, NULL::uuid AS entry_id, true AS is_locked
FROM reference_entries r
WHERE (:entry_type::text IS NULL OR r.entry_type = :entry_type)
  AND NOT EXISTS (SELECT 1 FROM homebrew_entries o
                  WHERE o.universe_id = :universe_id AND o.name = r.name AND o.entry_type = r.entry_type)
ORDER BY entry_type, name, origin;

-- name: catalogue_entry :one
-- The one of a name that holds in a universe.
SELECT h.entry_type, h.name, h.description, h.details, 'homebrew' AS origin
FROM homebrew_entries h
WHERE h.universe_id = :universe_id AND h.entry_type = :entry_type AND h.name = :name
UNION ALL
SELECT r.entry_type, r.name, r.description, r.details, r.source AS origin
FROM reference_entries r
WHERE r.entry_type = :entry_type AND r.name = :name
  AND NOT EXISTS (SELECT 1 FROM homebrew_entries o
                  WHERE o.universe_id = :universe_id AND o.name = r.name AND o.entry_type = r.entry_type);

-- name: attributions :many
-- What has to be said with every copy of the reference entries.
SELECT source, licence, attribution FROM reference_sources ORDER BY source;
