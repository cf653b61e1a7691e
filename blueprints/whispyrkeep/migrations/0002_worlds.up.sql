-- What all accounts share, published by one ledger and pinned by the others. Who made a row is named with every copy.
-- reference: where reference entries come from, and what has to be said of it
CREATE TABLE reference_sources (
  source text PRIMARY KEY,
  licence text NOT NULL,
  attribution text NOT NULL
);

-- reference: species, classes, spells, items and what else the rules know
CREATE TABLE reference_entries (
  entry_type text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  details jsonb NOT NULL,
  source text NOT NULL REFERENCES reference_sources (source),
  PRIMARY KEY (entry_type, name)
);
CREATE INDEX reference_entries_by_source ON reference_entries (source);

CREATE TABLE universes (
  universe_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  name varchar(200) NOT NULL CHECK (length(name) >= 1),
  description text NOT NULL DEFAULT '' CHECK (length(description) <= 20000),
  tone_profile jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(tone_profile) = 'object'),
  rules_profile jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(rules_profile) = 'object'),
  calendar_profile jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(calendar_profile) = 'object'),
  current_universe_time jsonb NOT NULL DEFAULT '{"day":1,"month":1,"year":1}'
    CHECK (jsonb_typeof(current_universe_time) = 'object' AND current_universe_time ?& ARRAY['year', 'month', 'day']),
  canonical_lore_version integer NOT NULL DEFAULT 1 CHECK (canonical_lore_version >= 1),
  is_archived boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX universes_by_user ON universes (user_id, universe_id);
CREATE INDEX universes_living ON universes (user_id, name, universe_id) WHERE NOT is_archived;

CREATE TABLE universe_hard_canon_docs (
  doc_id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (universe_id) ON DELETE CASCADE,
  source_type text NOT NULL CHECK (source_type IN ('upload', 'worldgen', 'user_edit')),
  title varchar(200) NOT NULL CHECK (length(title) >= 1),
  text text NOT NULL CHECK (length(text) >= 1 AND length(text) <= 200000),
  checksum text NOT NULL CHECK (length(checksum) = 64),
  created_at timestamptz NOT NULL,
  UNIQUE (universe_id, checksum)
);

-- What a universe adds to the reference entries, or has otherwise. A locked one is changed by nobody.
CREATE TABLE homebrew_entries (
  entry_id uuid PRIMARY KEY,
  universe_id uuid NOT NULL REFERENCES universes (universe_id) ON DELETE CASCADE,
  entry_type varchar(50) NOT NULL CHECK (length(entry_type) >= 1),
  name varchar(200) NOT NULL CHECK (length(name) >= 1),
  description text NOT NULL DEFAULT '' CHECK (length(description) <= 20000),
  details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
  is_locked boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (universe_id, name)
);

CREATE FUNCTION is_ability_score(score jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$SELECT score IN ('1'::jsonb, '2'::jsonb, '3'::jsonb, '4'::jsonb, '5'::jsonb, '6'::jsonb, '7'::jsonb,
    '8'::jsonb, '9'::jsonb, '10'::jsonb, '11'::jsonb, '12'::jsonb, '13'::jsonb, '14'::jsonb,
    '15'::jsonb, '16'::jsonb, '17'::jsonb, '18'::jsonb, '19'::jsonb, '20'::jsonb, '21'::jsonb,
    '22'::jsonb, '23'::jsonb, '24'::jsonb, '25'::jsonb, '26'::jsonb, '27'::jsonb, '28'::jsonb,
    '29'::jsonb, '30'::jsonb)$$;

CREATE TABLE character_sheets (
  sheet_id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  universe_id uuid REFERENCES universes (universe_id) ON DELETE SET NULL,
  name varchar(100) NOT NULL CHECK (length(name) >= 1),
  species varchar(50) NOT NULL CHECK (length(species) >= 1),
  class varchar(50) NOT NULL CHECK (length(class) >= 1),
  subclass varchar(50),
  background varchar(50),
  level integer NOT NULL DEFAULT 1 CHECK (level >= 1 AND level <= 20),
  ability_scores jsonb NOT NULL CONSTRAINT ability_scores_are_six_from_1_to_30 CHECK (
    CASE WHEN jsonb_typeof(ability_scores) = 'object'
         THEN ability_scores ?& ARRAY['str', 'dex', 'con', 'int', 'wis', 'cha']
              AND ability_scores - ARRAY['str', 'dex', 'con', 'int', 'wis', 'cha'] = '{}'::jsonb
              AND is_ability_score(ability_scores -> 'str') AND is_ability_score(ability_scores -> 'dex')
              AND is_ability_score(ability_scores -> 'con') AND is_ability_score(ability_scores -> 'int')
              AND is_ability_score(ability_scores -> 'wis') AND is_ability_score(ability_scores -> 'cha')
         ELSE false END),
  skills jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(skills) = 'object'),
  proficiencies jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(proficiencies) = 'object'),
  features jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(features) = 'array'),
  spellbook jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(spellbook) = 'object'),
  equipment jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(equipment) = 'array'),
  homebrew jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(homebrew) = 'object'),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX character_sheets_by_user ON character_sheets (user_id, name, sheet_id);
CREATE INDEX character_sheets_by_universe ON character_sheets (universe_id);
