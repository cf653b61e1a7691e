-- expect 1: no sheet :sheet_id
UPDATE character_sheets SET universe_id = :universe_id, name = :name, subclass = :subclass, background = :background,
       level = :level, ability_scores = :ability_scores, skills = :skills, proficiencies = :proficiencies,
       features = :features, spellbook = :spellbook, equipment = :equipment, homebrew = :homebrew
WHERE sheet_id = :sheet_id;
