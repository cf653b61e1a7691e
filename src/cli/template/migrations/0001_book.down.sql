DROP TABLE entries;
DROP TABLE guests;
