CREATE TABLE campaigns (
  campaign_id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (universe_id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  sheet_id uuid NOT NULL REFERENCES character_sheets (sheet_id) ON DELETE RESTRICT,
  title varchar(200) NOT NULL CHECK (length(title) >= 1),
  mode text NOT NULL CHECK (mode IN ('scenario', 'campaign')),
  target_length text NOT NULL CHECK (target_length IN ('short', 'medium', 'long', 'custom')),
  failure_style text NOT NULL CHECK (failure_style IN ('fail_forward', 'strict_raw')),
  content_rating text NOT NULL CHECK (content_rating IN ('G', 'PG', 'PG13', 'R', 'NC17')),
  start_universe_time jsonb NOT NULL,
  initial_state jsonb NOT NULL CHECK (jsonb_typeof(initial_state) = 'object'),
  initial_state_hash text NOT NULL CHECK (length(initial_state_hash) = 64),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'ended')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX campaigns_by_universe ON campaigns (universe_id, campaign_id);
CREATE INDEX campaigns_by_user ON campaigns (user_id, campaign_id);
CREATE INDEX campaigns_by_sheet ON campaigns (sheet_id);
CREATE INDEX campaigns_active ON campaigns (user_id, created_at DESC, campaign_id) WHERE status = 'active';

-- The state after the last turn. next_state is there while a turn is applied, and NULL before and after.
CREATE TABLE canonical_campaign_states (
  campaign_id uuid PRIMARY KEY REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  turn_index integer NOT NULL CHECK (turn_index >= 0),
  state jsonb NOT NULL CHECK (
    jsonb_typeof(state) = 'object' AND state ?& ARRAY['calendar', 'party', 'time', 'world']
    AND COALESCE(jsonb_typeof(state -> 'party' -> 'player' -> 'hp' -> 'current') = 'number', false)
    AND NOT starts_with(state -> 'party' -> 'player' -> 'hp' ->> 'current', '-')
    AND COALESCE(jsonb_typeof(state -> 'party' -> 'player' -> 'hp' -> 'temp') = 'number', false)
    AND NOT starts_with(state -> 'party' -> 'player' -> 'hp' ->> 'temp', '-')),
  next_state jsonb CHECK (next_state IS NULL OR jsonb_typeof(next_state) = 'object'),
  canonical_state_hash text NOT NULL CHECK (length(canonical_state_hash) = 64),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- Who may write the next turn of a campaign, and until when: it is asked for before a model is, and before money is
-- spent. The dice of the turn fall here, and nobody who wants others can have the turn.
CREATE TABLE turn_reservations (
  campaign_id uuid PRIMARY KEY REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  reservation_id uuid NOT NULL UNIQUE,
  base_turn integer NOT NULL CHECK (base_turn >= 0),
  holder text NOT NULL CHECK (length(holder) <= 200),
  expires_at timestamptz NOT NULL,
  roll_spec jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(roll_spec) = 'object'),
  roll_results jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(roll_results) = 'object'),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX turn_reservations_by_expiry ON turn_reservations (expires_at, campaign_id);

CREATE TABLE turn_events (
  turn_id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  turn_index integer NOT NULL CHECK (turn_index >= 1),
  user_input_text text NOT NULL CHECK (length(user_input_text) <= 8000),
  llm_response_text text NOT NULL CHECK (length(llm_response_text) <= 40000),
  roll_spec jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(roll_spec) = 'object'),
  roll_results jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(roll_results) = 'object'),
  state_patch jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(state_patch) = 'object'),
  canonical_state_hash text NOT NULL CHECK (length(canonical_state_hash) = 64),
  lore_deltas jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(lore_deltas) = 'array'),
  universe_time_after_turn jsonb NOT NULL CHECK (jsonb_typeof(universe_time_after_turn) = 'object'),
  created_at timestamptz NOT NULL,
  UNIQUE (campaign_id, turn_index)
);

-- The operations of the patches, numbered through the whole campaign, with what each path is about (0004_patches).
CREATE TABLE turn_operations (
  campaign_id uuid NOT NULL,
  step integer NOT NULL CHECK (step >= 1),
  turn_index integer NOT NULL,
  op text NOT NULL CHECK (op IN ('replace', 'add', 'remove', 'advance_time')),
  path text CHECK (length(path) <= 300),
  target text CHECK (target IN ('count', 'coin', 'name', 'attribute', 'flag', 'stage', 'names', 'names_at', 'items',
                                'items_at', 'quests', 'quests_at')),
  value jsonb,
  PRIMARY KEY (campaign_id, step),
  FOREIGN KEY (campaign_id, turn_index) REFERENCES turn_events (campaign_id, turn_index) ON DELETE CASCADE,
  CHECK ((op = 'advance_time') = (path IS NULL)),
  CHECK ((path IS NULL) = (target IS NULL)),
  CHECK ((op = 'remove') = (value IS NULL)),
  CHECK (op <> 'remove' OR target IN ('coin', 'attribute', 'flag', 'names_at', 'items_at', 'quests_at')),
  CHECK (target NOT IN ('count', 'coin') OR value IS NULL
         OR (jsonb_typeof(value) = 'number' AND NOT starts_with(value::text, '-')))
);
CREATE INDEX turn_operations_by_turn ON turn_operations (campaign_id, turn_index, step);

-- The state after every tenth turn, so that an earlier one is not reckoned from the first turn on. It is looked at
-- before it is believed: its hash has to be that of its turn.
CREATE TABLE campaign_checkpoints (
  campaign_id uuid NOT NULL REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
  turn_index integer NOT NULL CHECK (turn_index >= 1),
  state jsonb NOT NULL CHECK (jsonb_typeof(state) = 'object'),
  canonical_state_hash text NOT NULL CHECK (length(canonical_state_hash) = 64),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (campaign_id, turn_index)
);

-- Tokens and money of a turn's calls of a model. Prices are micro-units of the account's currency for a million tokens.
CREATE TABLE usage_records (
  usage_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  campaign_id uuid REFERENCES campaigns (campaign_id) ON DELETE SET NULL,
  turn_index integer,
  model varchar(100) NOT NULL CHECK (length(model) >= 1),
  prompt_tokens bigint NOT NULL CHECK (prompt_tokens >= 0),
  completion_tokens bigint NOT NULL CHECK (completion_tokens >= 0),
  cost_micros bigint NOT NULL CHECK (cost_micros >= 0),
  spent_at timestamptz NOT NULL,
  spent_month date NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX usage_records_by_month ON usage_records (user_id, spent_month, model);
CREATE INDEX usage_records_by_turn ON usage_records (campaign_id, turn_index);
