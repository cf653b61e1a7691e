-- Removes a universe with its campaigns and its lore; sheets stay.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- emit: universe.deleted
SELECT :universe_id AS universe_id;
