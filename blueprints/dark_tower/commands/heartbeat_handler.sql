-- A media handler says that it is alive, and how it is.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: no such media handler :handler_id
SELECT EXISTS (SELECT 1 FROM media_handlers WHERE handler_id = :handler_id);

-- emit: handler.heartbeat
SELECT :handler_id AS handler_id, :health AS health;
