-- The columns that views read of a journal, without rows.
CREATE TABLE main.reeve_events (sequence, id, type, version, time, moment, actor, command, key, payload)
