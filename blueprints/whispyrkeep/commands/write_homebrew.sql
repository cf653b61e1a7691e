-- Adds an entry of a universe, or writes it anew; one of a reference entry's name stands instead of it.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- check: the entry :name is locked
SELECT NOT EXISTS (SELECT 1 FROM homebrew_entries WHERE universe_id = :universe_id AND name = :name AND is_locked);

-- check: the universe has another entry of this name: :name
SELECT :entry_id IS NULL OR NOT EXISTS (
  SELECT 1 FROM homebrew_entries WHERE universe_id = :universe_id AND name = :name AND entry_id <> :entry_id);

-- emit: homebrew.written
SELECT COALESCE(:entry_id, (SELECT h.entry_id FROM homebrew_entries h WHERE h.universe_id = :universe_id AND h.name = :name),
                new_uuid('entry')) AS entry_id,
       :universe_id AS universe_id, :entry_type AS entry_type, :name AS name, :description AS description,
       :details AS details;
