DROP TABLE outbox;
DROP TABLE meeting_assignments;
DROP TABLE assignment_generations;
DROP TABLE media_handlers;
DROP TABLE meeting_controllers;
