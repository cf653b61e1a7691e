DROP TABLE batches;
DROP TABLE sample_sources;
DROP TABLE samples;
DROP TABLE users;
