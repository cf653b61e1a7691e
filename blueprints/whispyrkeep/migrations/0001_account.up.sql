-- The ledger is the account of one user. What is secret comes sealed: a password as its hash, a key as bytes that
-- only the holder of the key of that version opens.
CREATE TABLE users (
  user_id uuid PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE CHECK (strpos(email, '@') > 1),
  password_hash text NOT NULL CHECK (starts_with(password_hash, '$argon2id$') AND length(password_hash) <= 500),
  display_name varchar(100) NOT NULL CHECK (length(display_name) >= 1),
  settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE llm_endpoint_configs (
  config_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  provider_name varchar(50) NOT NULL CHECK (length(provider_name) >= 1),
  base_url varchar(500) NOT NULL CHECK (starts_with(base_url, 'https://') OR starts_with(base_url, 'http://')),
  api_key_encrypted bytea NOT NULL CHECK (length(api_key_encrypted) >= 1 AND length(api_key_encrypted) <= 4096),
  key_version integer NOT NULL CHECK (key_version >= 1),
  default_model varchar(100) NOT NULL CHECK (length(default_model) >= 1),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX llm_endpoint_configs_by_user ON llm_endpoint_configs (user_id, config_id);
CREATE INDEX llm_endpoint_configs_active ON llm_endpoint_configs (user_id, provider_name, config_id) WHERE is_active;

-- Who is let in, and until when: only the hash of what the client shows is kept.
CREATE TABLE access_tokens (
  token_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  token_kind text NOT NULL CHECK (token_kind IN ('session', 'api', 'password_reset', 'email_check')),
  token_hash text NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  label varchar(100) NOT NULL DEFAULT '',
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX access_tokens_by_user ON access_tokens (user_id, token_kind, token_id);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at, token_id);

-- How many turns were ever played here: the moment of the journal.
CREATE TABLE turn_clock (
  clock_id integer PRIMARY KEY CHECK (clock_id = 1),
  turns integer NOT NULL
);
INSERT INTO turn_clock (clock_id, turns) VALUES (1, 0);
