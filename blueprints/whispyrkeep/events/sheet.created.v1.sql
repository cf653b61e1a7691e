INSERT INTO character_sheets (sheet_id, user_id, universe_id, name, species, class, subclass, background, level,
                              ability_scores, skills, proficiencies, features, spellbook, equipment, homebrew,
                              created_at, updated_at)
VALUES (:sheet_id, :user_id, :universe_id, :name, :species, :class, :subclass, :background, COALESCE(:level, 1),
        :ability_scores, COALESCE(:skills, '{}'::jsonb), COALESCE(:proficiencies, '{}'::jsonb),
        COALESCE(:features, '[]'::jsonb), COALESCE(:spellbook, '{}'::jsonb), COALESCE(:equipment, '[]'::jsonb),
        COALESCE(:homebrew, '{}'::jsonb), :at, :at);
