-- The organization that this ledger belongs to: one row. Its subdomain is unique among all organizations by
-- the directory; here it is a DNS label.
CREATE TABLE organization (
  singleton integer PRIMARY KEY CHECK (singleton = 1),
  organization_id uuid NOT NULL,
  subdomain text NOT NULL CHECK (length(subdomain) >= 1 AND length(subdomain) <= 63),
  display_name text NOT NULL CHECK (length(display_name) >= 1 AND length(display_name) <= 255),
  plan text NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
  max_concurrent_meetings integer NOT NULL DEFAULT 10
    CHECK (max_concurrent_meetings >= 1 AND max_concurrent_meetings <= 10000),
  max_participants_per_meeting integer NOT NULL DEFAULT 100
    CHECK (max_participants_per_meeting >= 2 AND max_participants_per_meeting <= 10000),
  retention_days integer NOT NULL DEFAULT 90 CHECK (retention_days >= 1 AND retention_days <= 3650),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (btrim(subdomain, 'abcdefghijklmnopqrstuvwxyz0123456789-') = ''),
  CHECK (btrim(subdomain, '-') = subdomain)
);

-- An email is free again once its user is deleted.
CREATE TABLE users (
  user_id uuid PRIMARY KEY,
  email text NOT NULL CHECK (length(email) >= 3 AND length(email) <= 254),
  password_hash text NOT NULL CHECK (starts_with(password_hash, '$argon2id$')),
  display_name text NOT NULL CHECK (length(display_name) >= 1 AND length(display_name) <= 255),
  is_active boolean NOT NULL DEFAULT true,
  last_login_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE deleted_at IS NULL;
CREATE INDEX users_by_name ON users (display_name, user_id) WHERE deleted_at IS NULL;
CREATE INDEX users_deleted ON users (deleted_at, user_id) WHERE deleted_at IS NOT NULL;

CREATE TABLE user_roles (
  user_id uuid NOT NULL REFERENCES users (user_id),
  role text NOT NULL CHECK (role IN ('user', 'admin', 'org_admin')),
  granted_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, role)
);
CREATE INDEX user_roles_by_role ON user_roles (role, user_id);

-- Scheduled and active meetings hold a place of max_concurrent_meetings; ended and cancelled ones free it.
-- No scheduled end: it lasts until somebody ends it.
CREATE TABLE meetings (
  meeting_id uuid PRIMARY KEY,
  created_by uuid NOT NULL REFERENCES users (user_id),
  display_name text NOT NULL CHECK (length(display_name) >= 1 AND length(display_name) <= 255),
  meeting_code text NOT NULL UNIQUE CHECK (length(meeting_code) >= 6 AND length(meeting_code) <= 64),
  join_secret_hash text NOT NULL CHECK (length(join_secret_hash) = 64),
  allow_guests boolean NOT NULL DEFAULT false,
  allow_external boolean NOT NULL DEFAULT false,
  waiting_room boolean NOT NULL DEFAULT true,
  encryption_required boolean NOT NULL DEFAULT true,
  recording_allowed boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'scheduled' CHECK (status IN ('scheduled', 'active', 'ended', 'cancelled')),
  scheduled_start_at timestamptz NOT NULL,
  scheduled_end_at timestamptz,
  actual_start_at timestamptz,
  actual_end_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (scheduled_end_at IS NULL OR scheduled_end_at > scheduled_start_at),
  CHECK ((status IN ('active', 'ended')) = (actual_start_at IS NOT NULL)),
  CHECK ((status = 'ended') = (actual_end_at IS NOT NULL)),
  CHECK (deleted_at IS NULL OR status IN ('ended', 'cancelled'))
);
CREATE INDEX meetings_by_creator ON meetings (created_by, created_at, meeting_id);
CREATE INDEX meetings_scheduled ON meetings (scheduled_start_at, meeting_id) WHERE status = 'scheduled';
CREATE INDEX meetings_active ON meetings (actual_start_at, meeting_id) WHERE status = 'active';
CREATE INDEX meetings_deleted ON meetings (deleted_at, meeting_id) WHERE deleted_at IS NOT NULL;

-- A member is a user; who comes from outside is known by the hash of a token. Whoever has not left is
-- present,
-- once in a meeting.
CREATE TABLE participants (
  participant_id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meetings (meeting_id),
  user_id uuid REFERENCES users (user_id),
  guest_token_hash text CHECK (length(guest_token_hash) = 64),
  display_name text NOT NULL CHECK (length(display_name) >= 1 AND length(display_name) <= 255),
  participant_type text NOT NULL CHECK (participant_type IN ('member', 'external', 'guest')),
  role text NOT NULL DEFAULT 'participant' CHECK (role IN ('host', 'participant', 'guest')),
  connection_quality text NOT NULL DEFAULT 'unknown'
    CHECK (connection_quality IN ('unknown', 'good', 'fair', 'poor')),
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  leave_reason text CHECK (leave_reason IN ('left', 'removed', 'disconnected', 'meeting_ended')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((participant_type = 'member') = (user_id IS NOT NULL)),
  CHECK ((participant_type = 'member') = (guest_token_hash IS NULL)),
  CHECK ((left_at IS NULL) = (leave_reason IS NULL)),
  CHECK (participant_type = 'member' OR role <> 'host')
);
CREATE UNIQUE INDEX participants_user_present ON participants (meeting_id, user_id)
  WHERE left_at IS NULL AND user_id IS NOT NULL;
CREATE UNIQUE INDEX participants_guest_present ON participants (meeting_id, guest_token_hash)
  WHERE left_at IS NULL AND guest_token_hash IS NOT NULL;
CREATE INDEX participants_present ON participants (meeting_id, joined_at, participant_id)
  WHERE left_at IS NULL;
CREATE INDEX participants_by_meeting ON participants (meeting_id, joined_at, participant_id);
CREATE INDEX participants_by_user ON participants (user_id, joined_at, participant_id);

-- Which events are audited, and what each is about; the event itself is in the journal. No resource_id: the
-- event is about all of a kind.
CREATE TABLE audit_index (
  sequence bigint PRIMARY KEY,
  resource_type text NOT NULL CHECK (resource_type IN ('organization', 'user', 'meeting', 'participant',
                                     'login', 'credential', 'signing_key', 'controller', 'handler',
                                     'assignment', 'outbox', 'audit')),
  resource_id uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX audit_index_by_resource ON audit_index (resource_type, resource_id, sequence);
CREATE INDEX audit_index_by_time ON audit_index (created_at, sequence);
