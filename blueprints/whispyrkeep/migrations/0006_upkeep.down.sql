DROP TABLE exports;
DROP TABLE world_drafts;
