CREATE TABLE guests (
  name text PRIMARY KEY,
  arrived_at timestamptz NOT NULL,
  entries integer NOT NULL DEFAULT 0 CHECK (entries >= 0)
);

CREATE TABLE entries (
  entry_id uuid PRIMARY KEY,
  guest text NOT NULL REFERENCES guests (name),
  message text NOT NULL,
  written_at timestamptz NOT NULL
);

CREATE INDEX entries_by_guest ON entries (guest);
