SELECT kind, name, failures, last_failed FROM reeve_access_failures WHERE failures > 0 ORDER BY kind, name
