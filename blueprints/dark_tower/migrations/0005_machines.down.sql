ALTER TABLE media_handlers DROP COLUMN is_published;
ALTER TABLE meeting_controllers DROP COLUMN is_published;
DROP TABLE handlers;
DROP TABLE controllers;
