-- Sets how a meeting controller is, for instance draining: it gets nothing new.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no such meeting controller :controller_id
SELECT EXISTS (SELECT 1 FROM meeting_controllers WHERE controller_id = :controller_id);

-- emit: controller.health_changed
SELECT :controller_id AS controller_id, :health AS health, :reason AS reason, :ip AS ip,
       :user_agent AS user_agent;
