-- Makes a meeting controller known; it is used from its first healthy heartbeat on.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: the endpoint :endpoint is taken
SELECT NOT EXISTS (SELECT 1 FROM meeting_controllers WHERE endpoint = :endpoint);

-- check: there is a meeting controller :controller_id already
SELECT :controller_id IS NULL OR NOT EXISTS (SELECT 1 FROM meeting_controllers
                   WHERE controller_id = :controller_id);

-- check: controller :controller_id is on the published list: take_up_machines
SELECT :controller_id IS NULL OR NOT EXISTS (SELECT 1 FROM controllers WHERE controller_id = :controller_id);

-- emit: controller.registered
SELECT COALESCE(:controller_id, new_uuid('controller')) AS controller_id, :region AS region,
       :endpoint AS endpoint,
       :capacity AS capacity, :ip AS ip, :user_agent AS user_agent;
