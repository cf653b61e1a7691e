DELETE FROM reeve_layouts WHERE NOT EXISTS (
  SELECT 1 FROM reeve_epochs AS epoch
  WHERE epoch.sources_hash = reeve_layouts.sources_hash AND epoch.level = reeve_layouts.level)
