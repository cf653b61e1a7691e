-- The vectors of scenes: one for each, beside what model made it and of which text. It is stale when its text is another
-- by now; `reeve embed` renews it. A text that the model refuses for good has its reason instead.
CREATE TABLE node_embeddings (
  node_id uuid PRIMARY KEY REFERENCES nodes (node_id) ON DELETE CASCADE,
  model text NOT NULL CHECK (length(model) >= 1 AND length(model) <= 410),
  text_hash text NOT NULL CHECK (length(text_hash) = 64),
  embedding bytea,
  failure text CHECK (length(failure) >= 1 AND length(failure) <= 1000),
  embedded_at timestamptz NOT NULL,
  CHECK ((embedding IS NULL) <> (failure IS NULL))
);

-- Those of world entries.
CREATE TABLE world_entry_embeddings (
  entry_id uuid PRIMARY KEY REFERENCES world_entries (entry_id) ON DELETE CASCADE,
  model text NOT NULL CHECK (length(model) >= 1 AND length(model) <= 410),
  text_hash text NOT NULL CHECK (length(text_hash) = 64),
  embedding bytea,
  failure text CHECK (length(failure) >= 1 AND length(failure) <= 1000),
  embedded_at timestamptz NOT NULL,
  CHECK ((embedding IS NULL) <> (failure IS NULL))
);
