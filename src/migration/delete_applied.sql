DELETE FROM reeve_migrations WHERE version = $1
