-- Begins a universe.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: there is a universe :universe_id already
SELECT :universe_id IS NULL OR NOT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- emit: universe.created
SELECT COALESCE(:universe_id, new_uuid('universe')) AS universe_id, :user_id AS user_id, :name AS name,
       :description AS description, :tone_profile AS tone_profile, :rules_profile AS rules_profile,
       :calendar_profile AS calendar_profile, :current_universe_time AS current_universe_time;
