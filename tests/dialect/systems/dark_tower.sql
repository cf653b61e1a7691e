-- Video meetings for many organisations.
CREATE EXTENSION "uuid-ossp";
CREATE TABLE organizations (
  id uuid PRIMARY KEY,
  subdomain varchar(63) NOT NULL UNIQUE CHECK (length(subdomain) > 0),
  display_name varchar(255) NOT NULL,
  plan varchar(20) NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
  max_concurrent_meetings integer NOT NULL DEFAULT 10 CHECK (max_concurrent_meetings > 0),
  max_participants_per_meeting integer NOT NULL DEFAULT 100 CHECK (max_participants_per_meeting > 0),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE users (
  id uuid PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  password_hash varchar(255) NOT NULL,
  display_name varchar(255) NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  last_login_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE user_roles (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role varchar(20) NOT NULL CHECK (role IN ('user', 'admin', 'org_admin')),
  PRIMARY KEY (user_id, role)
);
CREATE TABLE meetings (
  id uuid PRIMARY KEY,
  created_by_user_id uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
  display_name varchar(255) NOT NULL,
  meeting_code varchar(16) NOT NULL UNIQUE,
  join_secret varchar(255) NOT NULL,
  allow_guests boolean NOT NULL DEFAULT false,
  allow_external boolean NOT NULL DEFAULT false,
  waiting_room boolean NOT NULL DEFAULT true,
  enable_encryption boolean NOT NULL DEFAULT true,
  recording boolean NOT NULL DEFAULT false,
  status varchar(20) NOT NULL DEFAULT 'scheduled' CHECK (status IN ('scheduled', 'active', 'ended', 'cancelled')),
  scheduled_start timestamptz,
  actual_start timestamptz,
  actual_end timestamptz,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (actual_end IS NULL OR actual_start IS NOT NULL)
);
CREATE INDEX meetings_by_creator ON meetings (created_by_user_id);
CREATE INDEX active_meetings ON meetings (status, actual_start DESC) WHERE status = 'active' AND deleted_at IS NULL;
CREATE TABLE participants (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  user_id uuid REFERENCES users (id) ON DELETE SET NULL,
  guest_token uuid,
  display_name varchar(255) NOT NULL,
  participant_type varchar(20) NOT NULL CHECK (participant_type IN ('member', 'external', 'guest')),
  role varchar(20) NOT NULL DEFAULT 'participant' CHECK (role IN ('host', 'participant', 'guest')),
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  leave_reason varchar(50),
  connection_quality double precision,
  CHECK ((participant_type = 'guest') = (guest_token IS NOT NULL))
);
CREATE UNIQUE INDEX one_present_user ON participants (meeting_id, user_id) WHERE left_at IS NULL AND user_id IS NOT NULL;
CREATE UNIQUE INDEX one_present_guest ON participants (meeting_id, guest_token) WHERE left_at IS NULL AND guest_token IS NOT NULL;
CREATE TABLE auth_events (
  id uuid PRIMARY KEY,
  user_id uuid REFERENCES users (id) ON DELETE SET NULL,
  kind varchar(30) NOT NULL,
  is_success boolean NOT NULL,
  ip_address varchar(45),
  user_agent text,
  created_at timestamptz NOT NULL
);
CREATE INDEX failed_logins ON auth_events (user_id, created_at DESC) WHERE NOT is_success;
CREATE TABLE service_credentials (
  client_id varchar(100) PRIMARY KEY,
  client_secret_hash varchar(255) NOT NULL,
  scopes jsonb NOT NULL DEFAULT '[]',
  is_active boolean NOT NULL DEFAULT true
);
CREATE TABLE signing_keys (
  key_id varchar(50) PRIMARY KEY,
  public_key text NOT NULL,
  private_key_encrypted bytea NOT NULL,
  master_key_version integer NOT NULL DEFAULT 1,
  is_active boolean NOT NULL DEFAULT true,
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  CHECK (valid_until > valid_from)
);
CREATE UNIQUE INDEX one_active_key ON signing_keys (is_active) WHERE is_active;
CREATE TABLE meeting_controllers (
  id varchar(100) PRIMARY KEY,
  region varchar(50) NOT NULL,
  endpoint varchar(255) NOT NULL,
  capacity integer NOT NULL CHECK (capacity >= 0),
  current_load integer NOT NULL DEFAULT 0 CHECK (current_load >= 0),
  heartbeat_at timestamptz NOT NULL,
  health varchar(20) NOT NULL DEFAULT 'pending' CHECK (health IN ('pending', 'healthy', 'degraded', 'unhealthy', 'draining')),
  CHECK (current_load <= capacity)
);
CREATE TABLE media_handlers (
  id varchar(100) PRIMARY KEY,
  region varchar(50) NOT NULL,
  endpoint varchar(255) NOT NULL,
  capacity integer NOT NULL,
  current_load integer NOT NULL DEFAULT 0,
  heartbeat_at timestamptz NOT NULL,
  health varchar(20) NOT NULL DEFAULT 'pending'
);
CREATE TABLE meeting_assignments (
  meeting_id uuid NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  region varchar(50) NOT NULL,
  controller_id varchar(100) NOT NULL REFERENCES meeting_controllers (id) ON DELETE RESTRICT,
  generation bigint NOT NULL,
  assigned_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (meeting_id, region, generation)
);
CREATE UNIQUE INDEX one_active_assignment ON meeting_assignments (meeting_id, region) WHERE ended_at IS NULL;
CREATE TABLE outbox (
  id bigint PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
  kind varchar(30) NOT NULL CHECK (kind IN ('peer_joined', 'peer_left')),
  payload jsonb NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  done_at timestamptz
);
CREATE INDEX due_outbox ON outbox (next_attempt_at) WHERE done_at IS NULL;
