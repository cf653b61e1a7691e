-- Removes an entry of a universe; a reference entry of that name is seen again.
-- check: no entry :entry_id
SELECT EXISTS (SELECT 1 FROM homebrew_entries WHERE entry_id = :entry_id);

-- check: the entry :entry_id is locked
SELECT EXISTS (SELECT 1 FROM homebrew_entries WHERE entry_id = :entry_id AND NOT is_locked);

-- emit: homebrew.removed
SELECT :entry_id AS entry_id;
