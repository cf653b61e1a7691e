-- The layouts in force at an event and before that, by a name that tells them apart.
SELECT e.sources_hash || '/' || e.level, l.layout
FROM reeve_epochs e LEFT JOIN reeve_layouts l ON l.sources_hash = e.sources_hash AND l.level = e.level
WHERE e.first_sequence <= ?1 ORDER BY e.epoch DESC LIMIT 2
