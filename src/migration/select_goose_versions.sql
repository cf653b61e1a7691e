-- goose keeps every move: the last of each version counts.
SELECT CAST(version_id AS bigint) FROM goose_db_version AS g
WHERE version_id > 0 AND is_applied
  AND id = (SELECT max(id) FROM goose_db_version AS o WHERE o.version_id = g.version_id)
