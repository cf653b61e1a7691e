-- expect 1: no active scholar :scholar_id
UPDATE scholars SET patron = :player_id WHERE scholar_id = :scholar_id AND status = 'active';

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
