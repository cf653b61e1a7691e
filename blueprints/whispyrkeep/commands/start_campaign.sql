-- Begins a campaign in a universe with a character, at the universe's time unless another is given.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- check: the universe :universe_id is archived
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id AND NOT is_archived);

-- check: no sheet :sheet_id
SELECT EXISTS (SELECT 1 FROM character_sheets WHERE sheet_id = :sheet_id);

-- check: there is a campaign :campaign_id already
SELECT :campaign_id IS NULL OR NOT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id);

-- emit: campaign.started
SELECT COALESCE(:campaign_id, new_uuid('campaign')) AS campaign_id, u.universe_id, u.user_id, :sheet_id AS sheet_id,
       :title AS title, COALESCE(:mode, 'campaign') AS mode, COALESCE(:target_length, 'medium') AS target_length,
       COALESCE(:failure_style, 'fail_forward') AS failure_style, COALESCE(:content_rating, 'PG13') AS content_rating,
       jsonb_build_object(
         'calendar', jsonb_build_object('months', COALESCE(u.calendar_profile -> 'months', '12'),
                                        'days', COALESCE(u.calendar_profile -> 'days', '30')),
         'time', COALESCE(:start_universe_time, u.current_universe_time),
         'party', jsonb_build_object('player', jsonb_build_object(
           'hp', jsonb_build_object('current', :hp_max, 'max', :hp_max, 'temp', 0),
           'conditions', '[]'::jsonb,
           'resources', jsonb_build_object('hit_dice', COALESCE(:hit_dice, '{}'::jsonb),
                                           'spell_slots', COALESCE(:spell_slots, '{}'::jsonb)),
           'inventory', COALESCE(:inventory, '[]'::jsonb),
           'money', COALESCE(:money, '{}'::jsonb))),
         'world', jsonb_build_object('location_id', :location_id, 'zones', '{}'::jsonb, 'quests', '[]'::jsonb,
           'npcs', '{}'::jsonb, 'factions', '{}'::jsonb, 'global_flags', '{}'::jsonb)) AS initial_state
FROM universes u WHERE u.universe_id = :universe_id;
