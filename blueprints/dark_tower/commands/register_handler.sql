-- Makes a media handler known; it is used from its first healthy heartbeat on.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: the endpoint :endpoint is taken
SELECT NOT EXISTS (SELECT 1 FROM media_handlers WHERE endpoint = :endpoint);

-- check: there is a media handler :handler_id already
SELECT :handler_id IS NULL OR NOT EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id);

-- check: handler :handler_id is on the published list: take_up_machines
SELECT :handler_id IS NULL OR NOT EXISTS (SELECT 1 FROM handlers WHERE handler_id = :handler_id);

-- emit: handler.registered
SELECT COALESCE(:handler_id, new_uuid('handler')) AS handler_id, :region AS region, :endpoint AS endpoint,
       :capacity AS capacity, :ip AS ip, :user_agent AS user_agent;
