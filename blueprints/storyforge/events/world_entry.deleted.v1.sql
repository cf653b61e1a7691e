-- expect 1: no entry :entry_id
DELETE FROM world_entries WHERE entry_id = :entry_id;
