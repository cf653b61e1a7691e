-- Says something at the table; the press repeats it.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- emit: table_talk.posted
SELECT :player_id AS player_id, :message AS message;

-- emit: press.scheduled
SELECT new_uuid('press:table_talk')::text AS press_id, 'table_talk' AS kind, 'Overheard: '
         || p.name AS headline,
       :message AS body, COALESCE(:release_at, now()) AS release_at, p.player_id,
       'table_talk.posted' AS source_type, p.player_id AS source_id
FROM players p WHERE p.player_id = :player_id;
