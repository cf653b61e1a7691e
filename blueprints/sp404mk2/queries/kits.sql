-- name: kits_of_user :many
-- The kits of a user, with how many pads each has.
SELECT k.kit_id, k.name, k.description, k.is_public, k.updated_at,
       (SELECT count(*) FROM kit_samples p WHERE p.kit_id = k.kit_id) AS pads
FROM kits k WHERE k.user_id = :user_id ORDER BY k.name;

-- name: pads_of_kit :many
-- A kit by bank and pad.
SELECT p.pad_bank, p.pad_number, p.sample_id, s.title, p.volume, p.pitch_shift
FROM kit_samples p JOIN samples s ON s.sample_id = p.sample_id
WHERE p.kit_id = :kit_id ORDER BY p.pad_bank, p.pad_number;

-- name: tags_in_use :many
-- All tags, those that are used most first.
SELECT tag_id, name, category, usage_count FROM tags ORDER BY usage_count DESC, name;

-- name: samples_with_tag :many
-- The samples of a user that have a tag.
SELECT s.sample_id, s.title FROM tags t
JOIN sample_tags st ON st.tag_id = t.tag_id
JOIN samples s ON s.sample_id = st.sample_id
WHERE t.name = :name AND s.user_id = :user_id ORDER BY s.title, s.sample_id;

-- name: collections_of_user :many
-- The collections of a user, for `reeve tree`.
SELECT c.collection_id, c.parent_id, c.name, c.is_smart,
       (SELECT count(*) FROM collection_samples m WHERE m.collection_id = c.collection_id) AS samples
FROM collections c WHERE c.user_id = :user_id ORDER BY c.name, c.collection_id;

-- name: samples_of_collection :many
-- What is in a collection.
SELECT s.sample_id, s.title, s.genre, s.bpm FROM collection_samples m
JOIN samples s ON s.sample_id = m.sample_id
WHERE m.collection_id = :collection_id ORDER BY s.title, s.sample_id;

-- name: usage_by_day :many
-- Calls, tokens and cost in millionths, by day and model.
SELECT day, model, calls, tokens, cost_micros FROM api_usage
WHERE day >= :first_day AND day <= :last_day ORDER BY day, model;
