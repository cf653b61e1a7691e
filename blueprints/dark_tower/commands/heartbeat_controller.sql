-- A meeting controller says that it is alive, and how it is.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no such meeting controller :controller_id
SELECT EXISTS (SELECT 1 FROM meeting_controllers WHERE controller_id = :controller_id);

-- emit: controller.heartbeat
SELECT :controller_id AS controller_id, :health AS health;
