-- expect 1: no entry :entry_id
UPDATE homebrew_entries SET is_locked = :is_locked WHERE entry_id = :entry_id;
