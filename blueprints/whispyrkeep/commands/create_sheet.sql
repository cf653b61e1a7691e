-- Makes a character.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: there is a sheet :sheet_id already
SELECT :sheet_id IS NULL OR NOT EXISTS (SELECT 1 FROM character_sheets WHERE sheet_id = :sheet_id);

-- check: no universe :universe_id
SELECT :universe_id IS NULL OR EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- emit: sheet.created
SELECT COALESCE(:sheet_id, new_uuid('sheet')) AS sheet_id, :user_id AS user_id, :universe_id AS universe_id, :name AS name,
       :species AS species, :class AS class, :subclass AS subclass, :background AS background, :level AS level,
       :ability_scores::jsonb AS ability_scores, :skills AS skills, :proficiencies AS proficiencies,
       :features AS features, :spellbook AS spellbook, :equipment AS equipment, :homebrew AS homebrew;
