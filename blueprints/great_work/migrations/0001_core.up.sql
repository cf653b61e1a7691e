-- The game's clock. One real day is one game year. The anchor is the real day on which the current year
-- began; it moves by whole days only, so it can't drift.
CREATE TABLE timeline (
  singleton integer PRIMARY KEY CHECK (singleton = 1),
  start_year integer NOT NULL,
  current_year integer NOT NULL,
  anchor date,
  decayed_through integer NOT NULL,
  paused boolean NOT NULL DEFAULT false,
  paused_reason text,
  CHECK (current_year >= start_year),
  CHECK (decayed_through < current_year)
);

INSERT INTO timeline (singleton, start_year, current_year, decayed_through) VALUES (1, 1920, 1920, 1919);

CREATE TABLE players (
  player_id text PRIMARY KEY,
  name text NOT NULL,
  reputation integer NOT NULL DEFAULT 0 CHECK (reputation >= -50 AND reputation <= 50),
  created_at timestamptz NOT NULL
);

-- A player gets one row per faction on joining. No soft cap means no limit.
CREATE TABLE player_influence (
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  influence integer NOT NULL DEFAULT 0,
  soft_cap integer,
  PRIMARY KEY (player_id, faction)
);

-- Which events are about which player. No reference: the log of a game may name who is no player.
CREATE TABLE player_events (
  player_id text NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (player_id, sequence)
);

-- Other spellings of the factions, in lower case.
CREATE TABLE faction_aliases (
  alias text PRIMARY KEY,
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign'))
);

-- The rules as rows: what a wager wins or loses, which totals give which outcome, what an expedition costs.
CREATE TABLE rule_wagers (
  confidence text NOT NULL CHECK (confidence IN ('suspect', 'certain', 'stake_my_career')),
  result text NOT NULL CHECK (result IN ('won', 'partial', 'lost')),
  reputation integer NOT NULL,
  PRIMARY KEY (confidence, result)
);
INSERT INTO rule_wagers (confidence, result, reputation) VALUES
  ('suspect', 'won', 2), ('suspect', 'partial', 1), ('suspect', 'lost', -1),
  ('certain', 'won', 5), ('certain', 'partial', 2), ('certain', 'lost', -7),
  ('stake_my_career', 'won', 15), ('stake_my_career', 'partial', 7), ('stake_my_career', 'lost', -25);

-- A total of at least from_total and below below_total (NULL: no bound) gives the outcome. reward is the
-- influence gained with each funding faction, feeling what the scholars who took part feel.
CREATE TABLE rule_outcomes (
  contest text NOT NULL CHECK (contest IN ('expedition', 'conference')),
  outcome text NOT NULL,
  from_total integer,
  below_total integer,
  result text NOT NULL CHECK (result IN ('won', 'partial', 'lost')),
  reward integer NOT NULL,
  feeling double precision NOT NULL,
  PRIMARY KEY (contest, outcome)
);
INSERT INTO rule_outcomes (contest, outcome, from_total, below_total, result, reward, feeling) VALUES
  ('expedition', 'failure', NULL, 40, 'lost', 0, -2.0),
  ('expedition', 'partial', 40, 65, 'partial', 0, 0.5),
  ('expedition', 'success', 65, 85, 'won', 1, 1.0),
  ('expedition', 'landmark', 85, NULL, 'won', 2, 2.5),
  ('conference', 'failure', NULL, 40, 'lost', 0, -1.0),
  ('conference', 'partial', 40, 60, 'partial', 0, 0.5),
  ('conference', 'success', 60, NULL, 'won', 1, 1.0);

CREATE TABLE rule_costs (
  type text NOT NULL CHECK (type IN ('think_tank', 'field', 'great_project')),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  amount integer NOT NULL CHECK (amount > 0),
  PRIMARY KEY (type, faction)
);
INSERT INTO rule_costs (type, faction, amount) VALUES
  ('think_tank', 'Academic', 1),
  ('field', 'Academic', 1), ('field', 'Government', 1),
  ('great_project', 'Academic', 2), ('great_project', 'Government', 2), ('great_project', 'Industry', 2);

-- What a scholar remembers lies in scholar_facts and scholar_feelings (the query scholar_memory gives it as
-- one
-- JSON). This version keeps scars as a list of plain strings, 'subject: tag'.
CREATE TABLE scholars (
  scholar_id text PRIMARY KEY,
  name text NOT NULL,
  seed bigint NOT NULL,
  personality jsonb NOT NULL,
  stats jsonb NOT NULL,
  career jsonb NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'retired')),
  origin text,
  patron text REFERENCES players (player_id),
  spawned_in integer NOT NULL,
  scars jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX scholars_by_patron ON scholars (patron);

CREATE TABLE scholar_facts (
  sequence bigint PRIMARY KEY,
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  time timestamptz NOT NULL,
  game_year integer NOT NULL,
  type text NOT NULL,
  actor text,
  details jsonb
);
CREATE INDEX scholar_facts_by_scholar ON scholar_facts (scholar_id, sequence);

CREATE TABLE scholar_feelings (
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  subject text NOT NULL,
  feeling double precision NOT NULL,
  PRIMARY KEY (scholar_id, subject)
);
CREATE INDEX scholar_feelings_by_subject ON scholar_feelings (subject);

CREATE TABLE scholar_nicknames (
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  player_id text NOT NULL REFERENCES players (player_id),
  nickname text NOT NULL,
  adopted_at timestamptz NOT NULL,
  PRIMARY KEY (scholar_id, player_id)
);
CREATE INDEX scholar_nicknames_by_player ON scholar_nicknames (player_id);

CREATE TABLE theories (
  theory_id text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  claim text NOT NULL,
  confidence text NOT NULL CHECK (confidence IN ('suspect', 'certain', 'stake_my_career')),
  supporters jsonb NOT NULL DEFAULT '[]',
  game_year integer NOT NULL,
  deadline date NOT NULL,
  outcome text CHECK (outcome IN ('proven', 'partial', 'refuted', 'expired')),
  reputation_change integer
);
CREATE INDEX theories_by_player ON theories (player_id, outcome);
CREATE INDEX theories_by_year ON theories (game_year);
CREATE INDEX theories_open ON theories (deadline) WHERE outcome IS NULL;

CREATE TABLE expeditions (
  expedition_id text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  theory_id text REFERENCES theories (theory_id),
  type text NOT NULL CHECK (type IN ('think_tank', 'field', 'great_project')),
  objective text NOT NULL,
  preparation jsonb NOT NULL DEFAULT '{}',
  team jsonb NOT NULL DEFAULT '[]',
  funding jsonb NOT NULL DEFAULT '[]',
  confidence text NOT NULL CHECK (confidence IN ('suspect', 'certain', 'stake_my_career')),
  status text NOT NULL CHECK (status IN ('queued', 'launched', 'resolved', 'cancelled')),
  queued_in integer NOT NULL,
  launched_in integer,
  resolved_in integer,
  roll integer CHECK (roll >= 1 AND roll <= 100),
  modifier integer,
  outcome text CHECK (outcome IN ('failure', 'partial', 'success', 'landmark')),
  reputation_change integer,
  discoveries jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX expeditions_by_theory ON expeditions (theory_id);
CREATE INDEX expeditions_by_player ON expeditions (player_id);
CREATE INDEX expeditions_by_year ON expeditions (resolved_in);
CREATE INDEX expeditions_open ON expeditions (status, expedition_id) WHERE status IN ('queued', 'launched');

CREATE TABLE conferences (
  code text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  theory_id text NOT NULL REFERENCES theories (theory_id),
  confidence text NOT NULL CHECK (confidence IN ('suspect', 'certain', 'stake_my_career')),
  supporters jsonb NOT NULL DEFAULT '[]',
  opposition jsonb NOT NULL DEFAULT '[]',
  launched_in integer NOT NULL,
  roll integer CHECK (roll >= 1 AND roll <= 100),
  modifier integer,
  outcome text CHECK (outcome IN ('failure', 'partial', 'success')),
  reputation_change integer
);
CREATE INDEX conferences_by_theory ON conferences (theory_id);
CREATE INDEX conferences_by_player ON conferences (player_id);
CREATE INDEX conferences_open ON conferences (launched_in, code) WHERE outcome IS NULL;

-- A chain of offers for one scholar. While an offer is open, what it offers is held in escrow.
CREATE TABLE offers (
  offer_id text PRIMARY KEY,
  parent_id text REFERENCES offers (offer_id),
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  player_id text NOT NULL REFERENCES players (player_id),
  rival_id text REFERENCES players (player_id),
  kind text NOT NULL CHECK (kind IN ('initial', 'counter')),
  terms jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL CHECK (status IN ('open', 'countered', 'accepted', 'rejected', 'withdrawn')),
  made_in integer NOT NULL
);
CREATE INDEX offers_by_parent ON offers (parent_id);
CREATE INDEX offers_by_scholar ON offers (scholar_id);
CREATE INDEX offers_by_player ON offers (player_id);
CREATE INDEX offers_by_rival ON offers (rival_id);
CREATE INDEX offers_open ON offers (offer_id) WHERE status IN ('open', 'countered');

CREATE TABLE offer_escrow (
  offer_id text NOT NULL REFERENCES offers (offer_id),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  amount integer NOT NULL CHECK (amount > 0),
  PRIMARY KEY (offer_id, faction)
);

CREATE TABLE mentorships (
  mentorship_id text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  track text,
  status text NOT NULL CHECK (status IN ('pending', 'active', 'completed', 'cancelled')),
  queued_in integer NOT NULL,
  activated_in integer,
  ended_in integer
);
CREATE INDEX mentorships_by_player ON mentorships (player_id);
CREATE INDEX mentorships_by_scholar ON mentorships (scholar_id, status);
CREATE INDEX mentorships_open ON mentorships (mentorship_id) WHERE status IN ('pending', 'active');

CREATE TABLE symposium_proposals (
  proposal_id text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  topic text NOT NULL,
  description text,
  status text NOT NULL CHECK (status IN ('pending', 'selected', 'expired')),
  expires_at timestamptz,
  proposed_in integer NOT NULL
);
CREATE INDEX symposium_proposals_by_player ON symposium_proposals (player_id);
CREATE INDEX symposium_proposals_open ON symposium_proposals (status, proposal_id);

CREATE TABLE symposium_topics (
  topic_id text PRIMARY KEY,
  proposal_id text REFERENCES symposium_proposals (proposal_id),
  topic text NOT NULL,
  status text NOT NULL CHECK (status IN ('voting', 'resolved')),
  winner integer,
  started_in integer NOT NULL,
  resolved_in integer
);
CREATE INDEX symposium_topics_by_proposal ON symposium_topics (proposal_id);
CREATE INDEX symposium_topics_open ON symposium_topics (topic_id) WHERE status = 'voting';

CREATE TABLE symposium_votes (
  topic_id text NOT NULL REFERENCES symposium_topics (topic_id),
  player_id text NOT NULL REFERENCES players (player_id),
  option integer NOT NULL CHECK (option >= 1),
  voted_at timestamptz NOT NULL,
  PRIMARY KEY (topic_id, player_id)
);
CREATE INDEX symposium_votes_by_player ON symposium_votes (player_id);

CREATE TABLE symposium_pledges (
  topic_id text NOT NULL REFERENCES symposium_topics (topic_id),
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  amount integer NOT NULL CHECK (amount >= 0),
  status text NOT NULL CHECK (status IN ('pending', 'fulfilled', 'waived', 'paid', 'owed')),
  PRIMARY KEY (topic_id, player_id)
);
CREATE INDEX symposium_pledges_by_player ON symposium_pledges (player_id);

CREATE TABLE symposium_participation (
  player_id text PRIMARY KEY REFERENCES players (player_id),
  miss_streak integer NOT NULL DEFAULT 0
);

CREATE TABLE debts (
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  source text NOT NULL,
  amount integer NOT NULL CHECK (amount >= 0),
  reprisal_level integer NOT NULL DEFAULT 0,
  PRIMARY KEY (player_id, faction, source)
);
CREATE INDEX debts_owed ON debts (player_id, faction, source) WHERE amount > 0;

CREATE TABLE seasonal_commitments (
  commitment_id text PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  cost integer NOT NULL CHECK (cost >= 0),
  from_year integer NOT NULL,
  to_year integer NOT NULL,
  charged_through integer NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'completed', 'cancelled')),
  CHECK (to_year >= from_year)
);
CREATE INDEX seasonal_commitments_by_player ON seasonal_commitments (player_id);
CREATE INDEX seasonal_commitments_active ON seasonal_commitments (commitment_id) WHERE status = 'active';

CREATE TABLE faction_investments (
  sequence bigint PRIMARY KEY,
  player_id text NOT NULL REFERENCES players (player_id),
  faction text NOT NULL CHECK (faction IN ('Academic', 'Government', 'Industry', 'Religious', 'Foreign')),
  amount integer NOT NULL CHECK (amount > 0),
  program text,
  game_year integer NOT NULL
);
CREATE INDEX faction_investments_by_player ON faction_investments (player_id, faction);

-- A text is stored once, under the SHA-256 of its UTF-8 bytes.
CREATE TABLE press_bodies (
  body_hash text PRIMARY KEY,
  body text NOT NULL
);

CREATE TABLE digests (
  digest_id text PRIMARY KEY,
  game_year integer NOT NULL,
  headline text NOT NULL,
  published_at timestamptz NOT NULL,
  items integer NOT NULL,
  reactions jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX digests_by_year ON digests (game_year, digest_id);

-- Scheduled: waits for release_at. Released: may be read. Published: appeared in a digest.
CREATE TABLE press_releases (
  press_id text PRIMARY KEY,
  kind text NOT NULL,
  headline text NOT NULL,
  body_hash text NOT NULL REFERENCES press_bodies (body_hash),
  source_type text,
  source_id text,
  sequence bigint NOT NULL,
  game_year integer NOT NULL,
  release_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('scheduled', 'released', 'published', 'withdrawn')),
  released_at timestamptz,
  digest_id text REFERENCES digests (digest_id)
);
CREATE INDEX press_by_year ON press_releases (game_year, sequence);
CREATE INDEX press_by_kind ON press_releases (kind, sequence);
CREATE INDEX press_by_body ON press_releases (body_hash);
CREATE INDEX press_by_digest ON press_releases (digest_id);
CREATE INDEX press_waiting ON press_releases (release_at, press_id) WHERE state = 'scheduled';
CREATE INDEX press_archive ON press_releases (sequence) WHERE state IN ('released', 'published');
CREATE INDEX press_unpublished ON press_releases (sequence) WHERE state = 'released';

CREATE TABLE press_shares (
  sequence bigint PRIMARY KEY,
  press_id text NOT NULL REFERENCES press_releases (press_id),
  player_id text NOT NULL REFERENCES players (player_id),
  channel text,
  shared_at timestamptz NOT NULL
);
CREATE INDEX press_shares_by_press ON press_shares (press_id);
CREATE INDEX press_shares_by_player ON press_shares (player_id, sequence);

-- The game's durable work. A failed attempt leaves an order pending until max_attempts; then it is failed
-- and stays out of the way of the others.
CREATE TABLE orders (
  order_id text PRIMARY KEY,
  kind text NOT NULL,
  subject text,
  actor text,
  payload jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL CHECK (status IN ('pending', 'completed', 'failed', 'cancelled')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  max_attempts integer NOT NULL DEFAULT 3 CHECK (max_attempts >= 1),
  opened_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  closed_at timestamptz,
  result text
);
CREATE INDEX orders_open ON orders (due_at, order_id) WHERE status = 'pending';
CREATE INDEX orders_open_by_kind ON orders (kind, due_at) WHERE status = 'pending';
CREATE INDEX orders_failed ON orders (closed_at, order_id) WHERE status = 'failed';
CREATE INDEX orders_by_subject ON orders (subject, kind);

CREATE TABLE year_statistics (
  game_year integer PRIMARY KEY,
  events integer NOT NULL,
  theories integer NOT NULL,
  expeditions integer NOT NULL,
  successes integer NOT NULL,
  press integer NOT NULL,
  reputation_sum integer NOT NULL
);

CREATE TABLE admin_adjustments (
  sequence bigint PRIMARY KEY,
  actor text NOT NULL CHECK (actor <> ''),
  subject text NOT NULL,
  change text NOT NULL,
  reason text NOT NULL,
  adjusted_at timestamptz NOT NULL
);
