CREATE TABLE subject_keys (
  subject TEXT NOT NULL PRIMARY KEY,
  key BLOB NOT NULL CHECK (length(key) = 32),
  created TEXT NOT NULL
) STRICT;
