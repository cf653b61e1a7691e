ALTER TABLE reeve_events ALTER COLUMN moment TYPE text COLLATE "C"
