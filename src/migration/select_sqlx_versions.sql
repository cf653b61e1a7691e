SELECT CAST(version AS bigint) FROM _sqlx_migrations
