-- Leaves a scar: the feeling towards its subject fades no more.
-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: :scholar_id has that scar already
SELECT NOT EXISTS (SELECT 1 FROM scholar_scars
                   WHERE scholar_id = :scholar_id AND subject = :subject AND tag = :tag);

-- emit: scholar.scarred
SELECT :scholar_id AS scholar_id, :subject AS subject, :tag AS tag;
