INSERT INTO universes (universe_id, user_id, name, description, tone_profile, rules_profile, calendar_profile,
                       current_universe_time, created_at, updated_at)
VALUES (:universe_id, :user_id, :name, COALESCE(:description, ''), COALESCE(:tone_profile, '{}'::jsonb),
        COALESCE(:rules_profile, '{}'::jsonb), COALESCE(:calendar_profile, '{}'::jsonb),
        COALESCE(:current_universe_time, '{"day":1,"month":1,"year":1}'::jsonb), :at, :at);
