-- What services log in with. The secret itself is known to the service alone.
CREATE TABLE service_credentials (
  credential_id uuid PRIMARY KEY,
  client_id text NOT NULL UNIQUE CHECK (length(client_id) >= 1 AND length(client_id) <= 200),
  service_type text NOT NULL CHECK (service_type IN ('global_controller', 'meeting_controller',
  'media_handler')),
  region text NOT NULL DEFAULT '',
  secret_hash text NOT NULL CHECK (starts_with(secret_hash, '$argon2id$')),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE service_credential_scopes (
  credential_id uuid NOT NULL REFERENCES service_credentials (credential_id),
  scope text NOT NULL CHECK (length(scope) >= 1 AND length(scope) <= 100),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (credential_id, scope)
);

-- Logins, renewed tokens and tokens of services, tried and refused. subject_hash is the SHA-256 of the email
-- or
-- client id that was given, known or not, so that a password typed into the wrong field stays nowhere.
CREATE TABLE auth_events (
  auth_event_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('login', 'token_refresh', 'service_token')),
  outcome text NOT NULL CHECK (outcome IN ('success', 'failure')),
  subject_hash text NOT NULL CHECK (length(subject_hash) = 64),
  user_id uuid REFERENCES users (user_id),
  credential_id uuid REFERENCES service_credentials (credential_id),
  failure_reason text CHECK (failure_reason IN ('unknown_subject', 'wrong_secret', 'inactive', 'locked_out',
                                                'expired', 'revoked', 'invalid_token')),
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((outcome = 'failure') = (failure_reason IS NOT NULL))
);
CREATE INDEX auth_events_by_user ON auth_events (user_id, created_at);
CREATE INDEX auth_events_by_credential ON auth_events (credential_id, created_at);
CREATE INDEX auth_events_by_time ON auth_events (created_at, auth_event_id);
CREATE INDEX auth_failures_by_subject ON auth_events (kind, subject_hash, created_at)
  WHERE outcome = 'failure';
CREATE INDEX auth_failures_by_time ON auth_events (created_at, auth_event_id) WHERE outcome = 'failure';

-- The private key comes in sealed under a version of the master key, which is nowhere in the database. At
-- most
-- one key is active; a retired one still verifies until valid_until.
CREATE TABLE signing_keys (
  signing_key_id uuid PRIMARY KEY,
  algorithm text NOT NULL DEFAULT 'EdDSA' CHECK (algorithm IN ('EdDSA', 'ES256')),
  public_key bytea NOT NULL,
  private_key_sealed bytea NOT NULL,
  master_key_version integer NOT NULL CHECK (master_key_version >= 1),
  status text NOT NULL CHECK (status IN ('active', 'retired', 'revoked')),
  valid_until timestamptz NOT NULL,
  ended_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((status = 'active') = (ended_at IS NULL)),
  CHECK (valid_until > created_at)
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (status) WHERE status = 'active';
CREATE INDEX signing_keys_by_validity ON signing_keys (valid_until, signing_key_id);
