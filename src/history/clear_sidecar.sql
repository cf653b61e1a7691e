DELETE FROM history_touches;
DELETE FROM history_meta;
