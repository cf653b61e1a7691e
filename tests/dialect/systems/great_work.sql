-- A game of scholars, theories and expeditions.
CREATE TABLE players (
  player_id text PRIMARY KEY,
  name text NOT NULL,
  reputation integer NOT NULL DEFAULT 0 CHECK (reputation BETWEEN -50 AND 50),
  created_at timestamptz NOT NULL
);
CREATE TABLE player_influence (
  player_id text NOT NULL REFERENCES players (player_id) ON DELETE CASCADE,
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  influence integer NOT NULL DEFAULT 0 CHECK (influence >= 0),
  soft_cap integer,
  PRIMARY KEY (player_id, faction)
);
CREATE TABLE faction_aliases (alias text PRIMARY KEY, faction text NOT NULL);
CREATE TABLE scholars (
  scholar_id text PRIMARY KEY,
  name text NOT NULL,
  seed integer NOT NULL,
  personality jsonb NOT NULL DEFAULT '{}',
  stats jsonb NOT NULL DEFAULT '{}',
  memory jsonb NOT NULL DEFAULT '{"facts": [], "feelings": {}, "scars": []}' CHECK (jsonb_typeof(memory) = 'object'),
  career jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE theories (
  theory_id bigint PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  claim text NOT NULL,
  confidence text NOT NULL CHECK (confidence IN ('suspect', 'certain', 'stake_my_career')),
  supporters jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(supporters) = 'array'),
  game_year integer NOT NULL,
  deadline date NOT NULL,
  outcome text,
  reputation_change integer
);
CREATE INDEX theories_by_player ON theories (player_id);
CREATE TABLE expeditions (
  expedition_id bigint PRIMARY KEY,
  theory_id bigint NOT NULL REFERENCES theories (theory_id),
  type text NOT NULL CHECK (type IN ('think_tank', 'field', 'great_project')),
  objective text NOT NULL,
  preparation jsonb NOT NULL DEFAULT '{}',
  team jsonb NOT NULL DEFAULT '[]',
  funding jsonb NOT NULL DEFAULT '[]',
  confidence text NOT NULL,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'launched', 'resolved', 'cancelled')),
  roll integer CHECK (roll BETWEEN 1 AND 100),
  modifier integer,
  outcome text CHECK (outcome IN ('failure', 'partial', 'success', 'landmark')),
  discoveries jsonb NOT NULL DEFAULT '[]',
  CHECK ((status = 'resolved') = (outcome IS NOT NULL))
);
CREATE INDEX expeditions_by_theory ON expeditions (theory_id);
CREATE TABLE conferences (
  code text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  theory_id bigint NOT NULL REFERENCES theories (theory_id),
  supporters jsonb NOT NULL DEFAULT '[]',
  opposition jsonb NOT NULL DEFAULT '[]',
  roll integer,
  outcome text,
  reputation_change integer
);
CREATE TABLE offers (
  offer_id bigint PRIMARY KEY,
  parent_offer_id bigint REFERENCES offers (offer_id),
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL,
  escrow integer NOT NULL DEFAULT 0 CHECK (escrow >= 0),
  status text NOT NULL DEFAULT 'open'
);
CREATE TABLE mentorships (
  mentorship_id bigint PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'completed'))
);
CREATE UNIQUE INDEX one_active_mentorship ON mentorships (scholar_id) WHERE status = 'active';
CREATE TABLE symposium_topics (topic_id bigint PRIMARY KEY, topic text NOT NULL, game_year integer NOT NULL);
CREATE TABLE symposium_votes (
  topic_id bigint NOT NULL REFERENCES symposium_topics (topic_id) ON DELETE CASCADE,
  player_id text NOT NULL REFERENCES players (player_id),
  option integer NOT NULL,
  PRIMARY KEY (topic_id, player_id)
);
CREATE TABLE symposium_pledges (
  topic_id bigint NOT NULL,
  player_id text NOT NULL,
  amount integer NOT NULL CHECK (amount > 0),
  PRIMARY KEY (topic_id, player_id),
  FOREIGN KEY (topic_id, player_id) REFERENCES symposium_votes (topic_id, player_id) ON DELETE CASCADE
);
CREATE TABLE debts (
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL,
  source text NOT NULL,
  amount integer NOT NULL,
  PRIMARY KEY (player_id, faction, source)
);
CREATE TABLE press_bodies (digest text PRIMARY KEY, body text NOT NULL);
CREATE TABLE press_releases (
  press_id bigint PRIMARY KEY,
  kind text NOT NULL,
  headline text NOT NULL,
  digest text NOT NULL REFERENCES press_bodies (digest),
  event_sequence bigint NOT NULL,
  game_year integer NOT NULL,
  release_at timestamptz NOT NULL,
  released_at timestamptz,
  published_at timestamptz
);
CREATE INDEX press_by_year ON press_releases (game_year, kind);
CREATE TABLE orders (
  order_id bigint PRIMARY KEY,
  kind text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  due_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'pending',
  attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX open_orders ON orders (due_at, order_id) WHERE status = 'pending';
CREATE VIEW scholars_v1 AS SELECT scholar_id, name, seed, personality, stats FROM scholars;
CREATE VIEW leaderboard AS
SELECT p.player_id, p.name, p.reputation, count(t.theory_id) AS theories
FROM players p LEFT JOIN theories t ON t.player_id = p.player_id
GROUP BY p.player_id, p.name, p.reputation;
COMMENT ON TABLE debts IS 'per player, faction and source';
