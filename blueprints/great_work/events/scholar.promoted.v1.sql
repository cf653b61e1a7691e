-- expect 1: unknown scholar :scholar_id
UPDATE scholars SET career = :career WHERE scholar_id = :scholar_id;
