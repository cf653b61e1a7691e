-- Whether an event is a migration, and the group that holds its changeset.
SELECT e.type = 'reeve.schema_migrated', g.first_sequence, g.changesets
FROM reeve_events e LEFT JOIN reeve_groups g
  ON g.last_sequence = (SELECT min(n.last_sequence) FROM reeve_groups n WHERE n.last_sequence >= e.sequence)
WHERE e.sequence = ?1
