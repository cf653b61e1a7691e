DELETE FROM campaigns WHERE universe_id = :universe_id;

-- expect 1: no universe :universe_id
DELETE FROM universes WHERE universe_id = :universe_id;
