-- A role-playing game that a language model runs.
CREATE EXTENSION pgcrypto;
CREATE TABLE users (
  id uuid PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  password_hash text NOT NULL,
  display_name varchar(100) NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE TABLE llm_endpoint_configs (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_name varchar(50) NOT NULL,
  base_url varchar(500) NOT NULL,
  api_key_encrypted bytea,
  key_version integer NOT NULL DEFAULT 1,
  default_model varchar(100),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL
);
CREATE INDEX active_configs ON llm_endpoint_configs (user_id) WHERE is_active;
CREATE TABLE universes (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name varchar(200) NOT NULL,
  description text,
  tone_profile jsonb NOT NULL DEFAULT '{}',
  rules_profile jsonb NOT NULL DEFAULT '{}',
  calendar_profile jsonb NOT NULL DEFAULT '{}',
  current_universe_time jsonb NOT NULL DEFAULT '{"year": 1, "month": 1, "day": 1}',
  canonical_lore_version integer NOT NULL DEFAULT 1,
  is_archived boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);
CREATE INDEX living_universes ON universes (user_id) WHERE NOT is_archived;
CREATE TABLE universe_hard_canon_docs (
  id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (id) ON DELETE CASCADE,
  source_type varchar(20) NOT NULL CHECK (source_type IN ('upload', 'worldgen', 'user_edit')),
  title varchar(200) NOT NULL,
  raw_text text NOT NULL,
  checksum text NOT NULL CHECK (length(checksum) = 64),
  created_at timestamptz NOT NULL,
  UNIQUE (universe_id, checksum)
);
CREATE TABLE homebrew (
  universe_id uuid NOT NULL REFERENCES universes (id) ON DELETE CASCADE,
  kind text NOT NULL,
  name text NOT NULL,
  definition jsonb NOT NULL DEFAULT '{}',
  is_locked boolean NOT NULL DEFAULT false,
  PRIMARY KEY (universe_id, kind, name)
);
CREATE TABLE character_sheets (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  universe_id uuid REFERENCES universes (id) ON DELETE SET NULL,
  name varchar(100) NOT NULL,
  species varchar(50) NOT NULL,
  class varchar(50) NOT NULL,
  subclass varchar(50),
  background varchar(50),
  level integer NOT NULL DEFAULT 1 CHECK (level BETWEEN 1 AND 20),
  ability_scores jsonb NOT NULL CHECK (
    CASE WHEN jsonb_typeof(ability_scores) = 'object'
      THEN ability_scores ?& ARRAY['str', 'dex', 'con', 'int', 'wis', 'cha']
        AND ability_scores - ARRAY['str', 'dex', 'con', 'int', 'wis', 'cha'] = '{}'
        AND jsonb_typeof(ability_scores -> 'str') = 'number' AND jsonb_typeof(ability_scores -> 'dex') = 'number'
        AND jsonb_typeof(ability_scores -> 'con') = 'number' AND jsonb_typeof(ability_scores -> 'int') = 'number'
        AND jsonb_typeof(ability_scores -> 'wis') = 'number' AND jsonb_typeof(ability_scores -> 'cha') = 'number'
        AND (ability_scores ->> 'str') IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29', '30')
        AND (ability_scores ->> 'dex') IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29', '30')
        AND (ability_scores ->> 'con') IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29', '30')
        AND (ability_scores ->> 'int') IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29', '30')
        AND (ability_scores ->> 'wis') IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29', '30')
        AND (ability_scores ->> 'cha') IN ('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24', '25', '26', '27', '28', '29', '30')
      ELSE false END),
  skills jsonb NOT NULL DEFAULT '{}',
  proficiencies jsonb NOT NULL DEFAULT '{}',
  features jsonb NOT NULL DEFAULT '[]',
  spellbook jsonb NOT NULL DEFAULT '{}',
  equipment jsonb NOT NULL DEFAULT '[]',
  homebrew_overrides jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL
);
CREATE TABLE campaigns (
  id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  character_id uuid NOT NULL REFERENCES character_sheets (id) ON DELETE RESTRICT,
  title varchar(200) NOT NULL,
  mode varchar(20) NOT NULL CHECK (mode IN ('scenario', 'campaign')),
  target_length varchar(20) NOT NULL CHECK (target_length IN ('short', 'medium', 'long', 'custom')),
  failure_style varchar(20) NOT NULL CHECK (failure_style IN ('fail_forward', 'strict_raw')),
  content_rating varchar(10) NOT NULL DEFAULT 'PG13' CHECK (content_rating IN ('G', 'PG', 'PG13', 'R', 'NC17')),
  start_universe_time jsonb NOT NULL DEFAULT '{}',
  status varchar(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'ended')),
  created_at timestamptz NOT NULL
);
CREATE INDEX active_campaigns ON campaigns (user_id, created_at DESC) WHERE status = 'active';
CREATE TABLE turn_events (
  id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
  turn_index integer NOT NULL,
  user_input_text text NOT NULL,
  llm_response_text text NOT NULL,
  roll_spec jsonb NOT NULL DEFAULT '{}',
  roll_results jsonb NOT NULL DEFAULT '{}',
  state_patch jsonb NOT NULL DEFAULT '{}',
  canonical_state_hash varchar(64) NOT NULL CHECK (length(canonical_state_hash) = 64),
  lore_deltas jsonb NOT NULL DEFAULT '[]',
  universe_time_after_turn jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (campaign_id, turn_index)
);
CREATE TABLE canonical_campaign_states (
  campaign_id uuid NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
  turn_index integer NOT NULL,
  state jsonb NOT NULL,
  state_hash varchar(64) NOT NULL,
  PRIMARY KEY (campaign_id, turn_index)
);
CREATE TABLE lore_chunks (
  id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (id) ON DELETE CASCADE,
  chunk_type varchar(20) NOT NULL CHECK (chunk_type IN ('hard_canon', 'soft_lore')),
  source_ref varchar(100) NOT NULL,
  text text NOT NULL,
  tags jsonb NOT NULL DEFAULT '[]',
  time_range jsonb,
  is_compacted boolean NOT NULL DEFAULT false,
  doc_id uuid REFERENCES universe_hard_canon_docs (id) ON DELETE CASCADE,
  superseded_by uuid REFERENCES lore_chunks (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX active_lore ON lore_chunks (universe_id, chunk_type) WHERE NOT is_compacted AND superseded_by IS NULL;
CREATE TABLE usage (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  model text NOT NULL,
  tokens_in bigint NOT NULL DEFAULT 0,
  tokens_out bigint NOT NULL DEFAULT 0,
  cost_micros bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL
);
CREATE VIEW superseding_chunks AS
SELECT o.superseded_by AS id, o.id AS supersedes_chunk_id FROM lore_chunks o WHERE o.superseded_by IS NOT NULL;
