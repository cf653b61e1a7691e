UPDATE scholars SET patron = :player_id WHERE scholar_id = :scholar_id AND :success;
