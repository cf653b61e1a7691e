-- expect 1: no entry :entry_id that is not locked
DELETE FROM homebrew_entries WHERE entry_id = :entry_id AND NOT is_locked;
