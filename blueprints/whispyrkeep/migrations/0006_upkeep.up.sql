-- Worlds that are being thought up, before they are a universe.
CREATE TABLE world_drafts (
  draft_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  title varchar(200) NOT NULL CHECK (length(title) >= 1),
  content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX world_drafts_by_user ON world_drafts (user_id, draft_id);
CREATE INDEX world_drafts_by_expiry ON world_drafts (expires_at, draft_id);

-- A universe as a document that another account can take in (README.md). A job makes it (jobs/write_export.toml); the file
-- lies with whoever runs the job, and here is what it has to be.
CREATE TABLE exports (
  export_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  universe_id uuid NOT NULL REFERENCES universes (universe_id) ON DELETE CASCADE,
  form text NOT NULL CHECK (form IN ('json', 'markdown')),
  status text NOT NULL DEFAULT 'requested' CHECK (status IN ('requested', 'completed')),
  sha256 text CHECK (length(sha256) = 64),
  bytes bigint CHECK (bytes >= 0),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((status = 'completed') = (sha256 IS NOT NULL)),
  CHECK ((sha256 IS NULL) = (bytes IS NULL))
);
CREATE INDEX exports_by_user ON exports (user_id, export_id);
CREATE INDEX exports_by_universe ON exports (universe_id);
CREATE INDEX exports_by_expiry ON exports (expires_at, export_id);
