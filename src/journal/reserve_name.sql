-- What postgres/names_schema.sql does in reeve_reserve_name(); no row when it is taken.
INSERT INTO reeve_names AS n (hash, scope, holder, confirmed, ends, version) VALUES (?2, ?1, ?6, 0, ?4, ?5)
ON CONFLICT (hash) DO UPDATE
SET holder = excluded.holder, confirmed = n.confirmed AND n.holder = excluded.holder, ends = excluded.ends,
  version = excluded.version
WHERE n.holder = excluded.holder OR NOT n.confirmed AND n.ends <= ?3
RETURNING CASE WHEN confirmed THEN 'held' ELSE 'reserved' END
