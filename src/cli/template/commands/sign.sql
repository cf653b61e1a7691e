-- A guest signs the book. Whoever signs for the first time arrives first.

-- check: :guest has written this already
SELECT NOT EXISTS (SELECT 1 FROM entries WHERE guest = :guest AND message = :message);

-- emit: guest.arrived
SELECT :guest AS guest WHERE NOT EXISTS (SELECT 1 FROM guests WHERE name = :guest);

-- emit: entry.written
SELECT new_uuid('entry') AS entry_id, :guest AS guest, :message AS message;
