-- name: kits_to_publish :many
-- The kits of this library that their owners made public.
SELECT k.kit_id, u.username AS owner, k.name, k.description
FROM kits k JOIN users u ON u.user_id = k.user_id
WHERE k.is_public ORDER BY k.name, k.kit_id;

-- name: pads_to_publish :many
-- What lies on the pads of one of them: the sound's name and what its bytes hash to.
SELECT p.pad_bank, p.pad_number, s.title, s.content_hash, p.volume, p.pitch_shift
FROM kits k
JOIN kit_samples p ON p.kit_id = k.kit_id
JOIN samples s ON s.sample_id = p.sample_id
WHERE k.kit_id = :kit_id AND k.is_public ORDER BY p.pad_bank, p.pad_number;

-- name: public_kits :many
-- The kits of all libraries that were made public, in the version that this one has pinned.
SELECT k.kit_id, k.name, k.description, k.owner,
       (SELECT count(*) FROM public_kit_pads p WHERE p.kit_id = k.kit_id) AS pads
FROM public_kits k ORDER BY k.name, k.kit_id;

-- name: pads_of_public_kit :many
-- Such a kit by bank and pad, with the sample of a user of this library that has the same sound, if there is one.
SELECT p.pad_bank, p.pad_number, p.title, p.volume, p.pitch_shift,
       (SELECT s.sample_id FROM samples s WHERE s.user_id = :user_id AND s.content_hash = p.content_hash
        ORDER BY s.sample_id LIMIT 1) AS sample_id
FROM public_kit_pads p
WHERE p.kit_id = :kit_id ORDER BY p.pad_bank, p.pad_number;
