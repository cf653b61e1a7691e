-- What is known of a universe. Hard canon is a document's, and is never compacted; soft lore comes with turns, and many
-- old chunks give way to one that sums them up. The search reads searchable_text, which a superseded chunk has not.
CREATE TABLE lore_chunks (
  chunk_id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (universe_id) ON DELETE CASCADE,
  chunk_type text NOT NULL CHECK (chunk_type IN ('hard_canon', 'soft_lore')),
  source_ref varchar(100) NOT NULL DEFAULT '',
  text text NOT NULL CHECK (length(text) >= 1 AND length(text) <= 20000),
  tags jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(tags) = 'array'),
  time_range jsonb CHECK (time_range IS NULL OR jsonb_typeof(time_range) = 'object'),
  from_year bigint,
  to_year bigint,
  doc_id uuid REFERENCES universe_hard_canon_docs (doc_id) ON DELETE CASCADE,
  campaign_id uuid REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  turn_index integer,
  is_compacted boolean NOT NULL DEFAULT false,
  superseded_by uuid REFERENCES lore_chunks (chunk_id) ON DELETE SET NULL,
  is_active boolean NOT NULL GENERATED ALWAYS AS (NOT is_compacted) STORED,
  searchable_text text GENERATED ALWAYS AS (CASE WHEN is_compacted THEN NULL ELSE text END) STORED,
  searchable_tags jsonb GENERATED ALWAYS AS (CASE WHEN is_compacted THEN NULL ELSE tags END) STORED,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (chunk_type = 'soft_lore' OR NOT is_compacted),
  CHECK ((chunk_type = 'hard_canon') = (doc_id IS NOT NULL)),
  CHECK ((campaign_id IS NULL) = (turn_index IS NULL)),
  CHECK (from_year <= to_year)
);
CREATE INDEX lore_chunks_active ON lore_chunks (universe_id, chunk_type, from_year, chunk_id) WHERE NOT is_compacted;
CREATE INDEX lore_chunks_by_universe ON lore_chunks (universe_id, chunk_id);
CREATE INDEX lore_chunks_by_doc ON lore_chunks (doc_id);
CREATE INDEX lore_chunks_by_turn ON lore_chunks (campaign_id, turn_index, chunk_id);
CREATE INDEX lore_chunks_by_summary ON lore_chunks (superseded_by, chunk_id);

-- The other way round: what each summary stands for.
CREATE VIEW lore_supersessions AS
SELECT s.chunk_id, o.chunk_id AS supersedes_chunk_id, s.universe_id
FROM lore_chunks o JOIN lore_chunks s ON s.chunk_id = o.superseded_by;

-- The vectors lie beside the rows: one for each chunk that is active, of the text that it had then.
CREATE TABLE lore_embeddings (
  chunk_id uuid PRIMARY KEY REFERENCES lore_chunks (chunk_id) ON DELETE CASCADE,
  model text NOT NULL CHECK (length(model) >= 1 AND length(model) <= 410),
  text_hash text NOT NULL CHECK (length(text_hash) = 64),
  embedding bytea,
  failure text CHECK (length(failure) >= 1 AND length(failure) <= 1000),
  embedded_at timestamptz NOT NULL,
  CHECK ((embedding IS NULL) <> (failure IS NULL))
);
