-- Puts a sensitive operation on record that was refused, or that only read.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: a refusal needs its reason
SELECT :outcome <> 'refused' OR :reason IS NOT NULL;

-- emit: access.recorded
SELECT :action AS action, :resource_type AS resource_type, :resource_id AS resource_id, :outcome AS outcome,
       :reason AS reason, :ip AS ip, :user_agent AS user_agent;
