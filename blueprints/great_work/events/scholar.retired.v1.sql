-- expect 1: no active scholar :scholar_id
UPDATE scholars SET status = 'retired', patron = NULL WHERE scholar_id = :scholar_id AND status = 'active';
