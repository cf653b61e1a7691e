UPDATE scholars SET patron = :player_id WHERE scholar_id = :scholar_id AND :success;

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
