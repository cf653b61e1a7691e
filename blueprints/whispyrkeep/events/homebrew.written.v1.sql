-- expect 1: the entry :name is locked, or it is one of another universe
INSERT INTO homebrew_entries (entry_id, universe_id, entry_type, name, description, details, created_at, updated_at)
VALUES (:entry_id, :universe_id, :entry_type, :name, COALESCE(:description, ''), COALESCE(:details, '{}'::jsonb), :at, :at)
ON CONFLICT (entry_id) DO UPDATE SET entry_type = excluded.entry_type, name = excluded.name,
  description = excluded.description, details = excluded.details
  WHERE homebrew_entries.universe_id = excluded.universe_id AND NOT homebrew_entries.is_locked;
