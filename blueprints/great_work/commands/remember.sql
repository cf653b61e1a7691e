-- Adds a fact to the memory of a scholar; by is who did it.
-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- emit: scholar.remembered
SELECT :scholar_id AS scholar_id, :type AS type, :by AS by, :details AS details;
