-- Changes the feeling of a scholar towards a subject.
-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- emit: scholar.felt
SELECT :scholar_id AS scholar_id, :subject AS subject, :delta AS delta,
       COALESCE((SELECT f.feeling FROM scholar_feelings f
                 WHERE f.scholar_id = :scholar_id AND f.subject = :subject), 0.0) + :delta AS feeling,
       :reason AS reason;
