-- The machines that all organizations share: whoever runs them publishes their list, and a ledger sees the
-- version that it pinned (docs/reference.md). What an organization does with one, and how it finds it, are rows of
-- its own: meeting_controllers and media_handlers.
-- reference: who leads meetings
CREATE TABLE controllers (
  controller_id uuid PRIMARY KEY,
  region text NOT NULL CHECK (length(region) >= 1 AND length(region) <= 63),
  endpoint text NOT NULL UNIQUE CHECK (length(endpoint) >= 1 AND length(endpoint) <= 255),
  capacity integer NOT NULL CHECK (capacity >= 1),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- reference: who carries the media of meetings
CREATE TABLE handlers (
  handler_id uuid PRIMARY KEY,
  region text NOT NULL CHECK (length(region) >= 1 AND length(region) <= 63),
  endpoint text NOT NULL UNIQUE CHECK (length(endpoint) >= 1 AND length(endpoint) <= 255),
  capacity integer NOT NULL CHECK (capacity >= 1),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- Not published: a machine of the organization's own.
ALTER TABLE meeting_controllers ADD COLUMN is_published boolean NOT NULL DEFAULT false;
ALTER TABLE media_handlers ADD COLUMN is_published boolean NOT NULL DEFAULT false;
