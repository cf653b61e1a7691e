SELECT version, name, checksum, meaning, coalesce(applied_at, ''), finished FROM reeve_migrations
