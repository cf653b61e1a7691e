DROP TABLE world_entry_embeddings;
DROP TABLE node_embeddings;
