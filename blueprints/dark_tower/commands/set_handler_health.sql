-- Sets how a media handler is, for instance draining: it gets nothing new.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no such media handler :handler_id
SELECT EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id);

-- emit: handler.health_changed
SELECT :handler_id AS handler_id, :health AS health, :reason AS reason, :ip AS ip, :user_agent AS user_agent;
