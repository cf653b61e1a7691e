-- Lets a text appear at a time.
-- check: there is a press release :press_id already
SELECT :press_id IS NULL OR NOT EXISTS (SELECT 1 FROM press_releases WHERE press_id = :press_id);

-- emit: press.scheduled
SELECT COALESCE(:press_id, new_uuid('press')::text) AS press_id, :kind AS kind, :headline AS headline,
       :body AS body,
       COALESCE(:release_at, now()) AS release_at, :player_id AS player_id, :source_type AS source_type,
       :source_id AS source_id;
