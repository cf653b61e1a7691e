-- expect 1: no kit :kit_id
UPDATE kits SET description = COALESCE(:description, description), is_public = COALESCE(:is_public, is_public)
WHERE kit_id = :kit_id;
