SELECT count(*) FROM sqlite_schema WHERE name = 'reeve_events'
