-- expect 1: unknown scholar :scholar_id
UPDATE scholars SET career = :career WHERE scholar_id = :scholar_id;

INSERT INTO player_events (player_id, sequence)
SELECT :player_id::text, :sequence WHERE :player_id::text IS NOT NULL;
