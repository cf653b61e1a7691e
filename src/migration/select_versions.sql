-- golang-migrate keeps the last version alone, dbmate each.
SELECT CAST(version AS bigint) FROM schema_migrations
