-- The patch contract, in one place: apply files, commands and queries all call what stands here. An operation is
-- {"op": ..., "path": ..., "value": ...}. What its path is about:
--   count     an integer from 0                  coin       the same, which can be removed
--   name      a text                             attribute  the same, which can be removed
--   flag      a boolean, a number or a text      stage      a text, or an integer from 0
--   names, items, quests      a list; names_at, items_at, quests_at  a place in it
CREATE FUNCTION path_class(path text) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE
     WHEN path ~ '^/party/player/hp/(current|temp)$' THEN 'count'
     WHEN path ~ '^/party/player/resources/(hit_dice/d(4|6|8|10|12|20)/spent|spell_slots/[1-9]/used)$' THEN 'count'
     WHEN path ~ '^/party/player/money/[a-z][a-z_]{0,19}$' THEN 'coin'
     WHEN path ~ '^/party/player/conditions$' THEN 'names'
     WHEN path ~ '^/party/player/conditions/(0|[1-9][0-9]{0,2})$' THEN 'names_at'
     WHEN path ~ '^/party/player/inventory$' THEN 'items'
     WHEN path ~ '^/party/player/inventory/(0|[1-9][0-9]{0,2})$' THEN 'items_at'
     WHEN path = '/world/location_id' THEN 'name'
     WHEN path ~ '^/world/npcs/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/(status|attitude|location_id)$' THEN 'attribute'
     WHEN path ~ '^/world/npcs/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/knowledge_flags$' THEN 'names'
     WHEN path ~ '^/world/npcs/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/knowledge_flags/(0|[1-9][0-9]{0,2})$' THEN 'names_at'
     WHEN path ~ '^/world/zones/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/npcs_present$' THEN 'names'
     WHEN path ~ '^/world/global_flags/[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' THEN 'flag'
     WHEN path ~ '^/world/factions/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' THEN 'flag'
     WHEN path ~ '^/world/zones/[A-Za-z0-9][A-Za-z0-9_-]{0,63}/flags/[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' THEN 'flag'
     WHEN path ~ '^/world/quests/(0|[1-9][0-9]{0,2})/flags/[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' THEN 'flag'
     WHEN path = '/world/quests' THEN 'quests'
     WHEN path ~ '^/world/quests/(0|[1-9][0-9]{0,2})$' THEN 'quests_at'
     WHEN path ~ '^/world/quests/(0|[1-9][0-9]{0,2})/stage$' THEN 'stage'
   END$$;

CREATE FUNCTION is_count(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$SELECT COALESCE(jsonb_typeof(value) = 'number' AND (value #>> ARRAY[]::text[]) ~ '^(0|[1-9][0-9]{0,8})$', false)$$;

CREATE FUNCTION is_name(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$SELECT COALESCE(jsonb_typeof(value) = 'string' AND length(value #>> ARRAY[]::text[]) BETWEEN 1 AND 200, false)$$;

CREATE FUNCTION is_flag(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$SELECT COALESCE(jsonb_typeof(value) IN ('boolean', 'number') OR is_name(value), false)$$;

-- A value of a path of that class; of a list, one of its elements.
CREATE FUNCTION value_fits(class text, value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE
     WHEN class IN ('count', 'coin') THEN is_count(value)
     WHEN class IN ('name', 'attribute', 'names', 'names_at') THEN is_name(value)
     WHEN class = 'flag' THEN is_flag(value)
     WHEN class = 'stage' THEN is_name(value) OR is_count(value)
     WHEN COALESCE(jsonb_typeof(value), '') <> 'object' THEN false
     WHEN class IN ('items', 'items_at')
       THEN is_name(value -> 'name') AND is_count(COALESCE(value -> 'quantity', '1'))
            AND is_name(COALESCE(value -> 'notes', '"-"'))
            AND value - ARRAY['name', 'quantity', 'notes'] = '{}'::jsonb
     WHEN class IN ('quests', 'quests_at')
       THEN is_name(value -> 'quest_id') AND is_name(COALESCE(value -> 'title', '"-"'))
            AND (is_name(COALESCE(value -> 'stage', '0')) OR is_count(COALESCE(value -> 'stage', '0')))
            AND COALESCE(value -> 'flags', '{}') = '{}'::jsonb
            AND value - ARRAY['quest_id', 'title', 'stage', 'flags'] = '{}'::jsonb
     ELSE false
   END$$;

CREATE FUNCTION is_span(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE WHEN COALESCE(jsonb_typeof(value), '') <> 'object' THEN false
     ELSE is_count(COALESCE(value -> 'years', '0')) AND is_count(COALESCE(value -> 'months', '0'))
          AND is_count(COALESCE(value -> 'days', '0'))
          AND value - ARRAY['years', 'months', 'days'] = '{}'::jsonb
          AND (COALESCE(value -> 'years', '0') <> '0'::jsonb OR COALESCE(value -> 'months', '0') <> '0'::jsonb
               OR COALESCE(value -> 'days', '0') <> '0'::jsonb) END$$;

-- Why an operation is none of the contract; NULL when it is one. The elements of a list that replaces another are looked at
-- one by one, with value_fits.
CREATE FUNCTION operation_fault(op text, path text, target text, value jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE
     WHEN op = 'advance_time' THEN CASE
       WHEN path IS NOT NULL THEN 'advance_time has no path'
       WHEN NOT is_span(value) THEN 'advance_time takes years, months and days from 0, and one of them above'
     END
     WHEN op IS NULL OR op NOT IN ('replace', 'add', 'remove') THEN 'there is no such operation'
     WHEN target IS NULL THEN 'the path is not on the list'
     WHEN op = 'remove' THEN CASE
       WHEN value IS NOT NULL THEN 'remove has no value'
       WHEN target NOT IN ('coin', 'attribute', 'flag', 'names_at', 'items_at', 'quests_at')
         THEN 'what is at this path is not removed'
     END
     WHEN value IS NULL THEN 'it lacks a value'
     WHEN op = 'replace' AND target IN ('names', 'items', 'quests') THEN CASE
       WHEN jsonb_typeof(value) <> 'array' THEN 'the value is no list'
       WHEN jsonb_array_length(CASE WHEN jsonb_typeof(value) = 'array' THEN value ELSE '[]' END) > 200
         THEN 'a list has at most 200 elements'
     END
     WHEN NOT value_fits(target, value) THEN 'the value does not fit the path'
   END$$;

CREATE FUNCTION state_hash(state jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT encode(sha256(convert_to(state::text, 'UTF8')), 'hex')$$;

-- How many days a time is after the first day of the year 1, and the time that is so many days after it.
CREATE FUNCTION day_of(moment jsonb, calendar jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$SELECT (((moment ->> 'year')::bigint - 1) * (calendar ->> 'months')::bigint + (moment ->> 'month')::bigint - 1)
          * (calendar ->> 'days')::bigint + (moment ->> 'day')::bigint - 1$$;

CREATE FUNCTION days_in(span jsonb, calendar jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$SELECT (COALESCE((span ->> 'years')::bigint, 0) * (calendar ->> 'months')::bigint
           + COALESCE((span ->> 'months')::bigint, 0)) * (calendar ->> 'days')::bigint
          + COALESCE((span ->> 'days')::bigint, 0)$$;

CREATE FUNCTION time_at(day bigint, calendar jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT jsonb_build_object(
     'year', day / ((calendar ->> 'months')::bigint * (calendar ->> 'days')::bigint) + 1,
     'month', day / (calendar ->> 'days')::bigint % (calendar ->> 'months')::bigint + 1,
     'day', day % (calendar ->> 'days')::bigint + 1)$$;

-- A path of the contract has two to six steps.
CREATE FUNCTION steps_of(path text) RETURNS integer LANGUAGE sql IMMUTABLE AS
  $$SELECT length(path) - length(replace(path, '/', ''))$$;

CREATE FUNCTION value_at(state jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE steps_of(path)
     WHEN 2 THEN state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3)]
     WHEN 3 THEN state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4)]
     WHEN 4 THEN state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                split_part(path, '/', 5)]
     WHEN 5 THEN state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                split_part(path, '/', 5), split_part(path, '/', 6)]
     WHEN 6 THEN state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                split_part(path, '/', 5), split_part(path, '/', 6), split_part(path, '/', 7)]
   END$$;

-- The state with an object where the path leads through and nothing is yet. NULL where it leads through a quest that is
-- not there: jsonb_set() of NULL is NULL.
CREATE FUNCTION way_of_3(state jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT jsonb_set(state, ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4)],
     COALESCE(state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4)],
              CASE WHEN starts_with(path, '/world/quests/') THEN NULL ELSE '{}'::jsonb END))$$;

CREATE FUNCTION way_of_4(state jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT jsonb_set(state, ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                  split_part(path, '/', 5)],
     COALESCE(state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                             split_part(path, '/', 5)], '{}'))$$;

CREATE FUNCTION way_of_5(state jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT jsonb_set(state,
     ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
           split_part(path, '/', 5), split_part(path, '/', 6)],
     COALESCE(state #> ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                             split_part(path, '/', 5), split_part(path, '/', 6)], '{}'))$$;

CREATE FUNCTION with_value(state jsonb, path text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE steps_of(path)
     WHEN 2 THEN jsonb_set(state, ARRAY[split_part(path, '/', 2), split_part(path, '/', 3)], value)
     WHEN 3 THEN jsonb_set(state, ARRAY[split_part(path, '/', 2), split_part(path, '/', 3),
                                        split_part(path, '/', 4)], value)
     WHEN 4 THEN jsonb_set(way_of_3(state, path),
                           ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                 split_part(path, '/', 5)], value)
     WHEN 5 THEN jsonb_set(way_of_4(way_of_3(state, path), path),
                           ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                 split_part(path, '/', 5), split_part(path, '/', 6)], value)
     WHEN 6 THEN jsonb_set(way_of_5(state, path),
                           ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                 split_part(path, '/', 5), split_part(path, '/', 6), split_part(path, '/', 7)], value)
   END$$;

-- What can be inserted into, or removed from, lies three to five steps deep.
CREATE FUNCTION with_element(state jsonb, path text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE steps_of(path)
     WHEN 3 THEN jsonb_insert(state, ARRAY[split_part(path, '/', 2), split_part(path, '/', 3),
                                           split_part(path, '/', 4)], value)
     WHEN 4 THEN jsonb_insert(state, ARRAY[split_part(path, '/', 2), split_part(path, '/', 3),
                                           split_part(path, '/', 4), split_part(path, '/', 5)], value)
     WHEN 5 THEN jsonb_insert(state,
                              ARRAY[split_part(path, '/', 2), split_part(path, '/', 3),
                                    split_part(path, '/', 4), split_part(path, '/', 5), split_part(path, '/', 6)], value)
   END$$;

CREATE FUNCTION without_value(state jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE steps_of(path)
     WHEN 3 THEN state #- ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4)]
     WHEN 4 THEN state #- ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                split_part(path, '/', 5)]
     WHEN 5 THEN state #- ARRAY[split_part(path, '/', 2), split_part(path, '/', 3), split_part(path, '/', 4),
                                split_part(path, '/', 5), split_part(path, '/', 6)]
   END$$;

-- The list that a place is of.
CREATE FUNCTION list_at(state jsonb, path text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE split_part(path, '/', 3)
     WHEN 'player' THEN state #> ARRAY['party', 'player', split_part(path, '/', 4)]
     WHEN 'quests' THEN state #> '{world,quests}'
     ELSE state #> ARRAY['world', 'npcs', split_part(path, '/', 4), 'knowledge_flags']
   END$$;

CREATE FUNCTION place_of(path text) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  $$SELECT right(path, strpos(reverse(path), '/') - 1)::bigint$$;

-- The state after an operation that has no fault; NULL where it does not fit the state: what it replaces or removes is
-- not there, or its place lies behind the end of its list. A list has at most 200 elements.
CREATE FUNCTION applied(state jsonb, op text, path text, target text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE
     WHEN op = 'advance_time'
       THEN jsonb_set(state, '{time}', time_at(day_of(state -> 'time', state -> 'calendar')
                                                 + days_in(value, state -> 'calendar'), state -> 'calendar'))
     WHEN op IN ('replace', 'remove') AND target NOT IN ('names', 'items', 'quests')
          AND value_at(state, path) IS NULL THEN NULL
     WHEN op = 'remove' THEN without_value(state, path)
     WHEN op = 'add' AND target IN ('names_at', 'items_at', 'quests_at') THEN
       CASE WHEN place_of(path) <= jsonb_array_length(list_at(state, path)) AND jsonb_array_length(list_at(state, path)) < 200
            THEN with_element(state, path, value) END
     ELSE with_value(state, path,
       CASE WHEN op = 'replace' OR target NOT IN ('names', 'items', 'quests') THEN value
            WHEN COALESCE(jsonb_array_length(value_at(state, path)), 0) < 200
              THEN COALESCE(value_at(state, path), '[]') || jsonb_build_array(value) END)
   END$$;
