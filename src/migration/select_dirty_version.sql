-- golang-migrate's mark of one that failed half-way.
SELECT CAST(version AS bigint) FROM schema_migrations WHERE dirty
