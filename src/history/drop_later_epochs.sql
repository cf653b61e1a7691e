-- What only events behind {0} named.
DELETE FROM reeve_epochs WHERE first_sequence > {0};
DELETE FROM reeve_epoch_files WHERE sources_hash NOT IN (
  SELECT sources_hash FROM reeve_epochs
  UNION
  SELECT json_extract(payload, '$.sources_hash') FROM reeve_events
  WHERE type IN ('reeve.reference_published', 'reeve.reference_pinned'));
DELETE FROM reeve_sources WHERE content_hash NOT IN (SELECT content_hash FROM reeve_epoch_files);
