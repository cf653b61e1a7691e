DROP TABLE main.reeve_events
