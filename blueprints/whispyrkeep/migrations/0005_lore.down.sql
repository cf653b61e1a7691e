DROP TABLE lore_embeddings;
DROP VIEW lore_supersessions;
DROP TABLE lore_chunks;
