DROP VIEW orphaned_assets;
DROP TABLE assets;
DROP TABLE world_entries;
