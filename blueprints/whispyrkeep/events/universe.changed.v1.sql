-- expect 1: no universe :universe_id
UPDATE universes SET name = :name, description = :description, tone_profile = :tone_profile,
       rules_profile = :rules_profile, is_archived = :is_archived
WHERE universe_id = :universe_id;
