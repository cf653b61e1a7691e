-- breaking: without its tables the book has no guests and no entries
DROP TABLE entries;
DROP TABLE guests;
