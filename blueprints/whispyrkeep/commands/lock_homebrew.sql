-- Locks an entry, so that nobody changes it, or unlocks it.
-- check: no entry :entry_id
SELECT EXISTS (SELECT 1 FROM homebrew_entries WHERE entry_id = :entry_id);

-- emit: homebrew.locked
SELECT :entry_id AS entry_id, :is_locked AS is_locked;
