-- Changes a character; what is not given stays.
-- check: no sheet :sheet_id
SELECT EXISTS (SELECT 1 FROM character_sheets WHERE sheet_id = :sheet_id);

-- emit: sheet.changed
SELECT sheet_id, COALESCE(:universe_id, universe_id) AS universe_id, COALESCE(:name, name) AS name,
       COALESCE(:subclass, subclass) AS subclass, COALESCE(:background, background) AS background,
       COALESCE(:level, level) AS level, COALESCE(:ability_scores, ability_scores) AS ability_scores,
       COALESCE(:skills, skills) AS skills, COALESCE(:proficiencies, proficiencies) AS proficiencies,
       COALESCE(:features, features) AS features, COALESCE(:spellbook, spellbook) AS spellbook,
       COALESCE(:equipment, equipment) AS equipment, COALESCE(:homebrew, homebrew) AS homebrew
FROM character_sheets WHERE sheet_id = :sheet_id;
