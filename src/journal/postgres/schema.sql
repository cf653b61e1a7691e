-- Reeve's own tables in a PostgreSQL schema, format 2 (docs/postgres.md; 1 was never released). Many ledgers share them: every
-- key begins with ledger_id, and row-level security, forced on the owner too, stands behind every statement.

CREATE TABLE reeve_format (
  format bigint PRIMARY KEY,
  blueprint text COLLATE "C" NOT NULL,
  level bigint NOT NULL,
  sources_hash text COLLATE "C" NOT NULL
);

CREATE TABLE reeve_ledgers (
  ledger_id uuid PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  state text COLLATE "C" NOT NULL
    CHECK (state IN ('arriving', 'active', 'suspended', 'moved', 'erasing', 'erased')),
  created timestamptz CHECK (created IS NOT NULL OR state = 'erased'),
  CHECK (ledger_id <> 'ffffffff-ffff-4fff-bfff-ffffffffffff')
);

-- What stays of erased ledgers: how many events of which types in which month. Pseudonyms are drawn for one trail
-- and lead nowhere; actor is '' for nobody.
CREATE TABLE reeve_trails (
  trail uuid NOT NULL,
  actor text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  month date NOT NULL,
  events bigint NOT NULL,
  PRIMARY KEY (trail, actor, type, month)
);

-- Where each journal ends; locked by whoever writes it. With a fence nobody writes: it says where the ledger went.
-- Nor when it is closed: suspended or erasing.
CREATE TABLE reeve_heads (
  ledger_id uuid PRIMARY KEY,
  sequence bigint NOT NULL,
  chain_hash text COLLATE "C" NOT NULL,
  state_hash text COLLATE "C" NOT NULL,
  fence text COLLATE "C",
  closed text COLLATE "C" CHECK (closed IN ('suspended', 'erasing'))
);

CREATE TABLE reeve_meta (
  ledger_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (ledger_id, name)
);

CREATE TABLE reeve_events (
  ledger_id uuid NOT NULL,
  sequence bigint NOT NULL,
  id uuid NOT NULL,
  type text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  time timestamptz NOT NULL,
  moment bigint,
  actor text COLLATE "C" NOT NULL,
  command text COLLATE "C",
  key text COLLATE "C",
  request_hash text COLLATE "C",
  span bigint NOT NULL,
  payload text COLLATE "C" NOT NULL,
  PRIMARY KEY (ledger_id, sequence)
);

CREATE INDEX reeve_events_by_moment ON reeve_events (ledger_id, moment, sequence);

CREATE INDEX reeve_events_by_actor ON reeve_events (ledger_id, actor, sequence);

CREATE UNIQUE INDEX reeve_events_by_key ON reeve_events (ledger_id, key) WHERE key IS NOT NULL;

-- The last one: of two indexes that cost the same for all that the planner knows, as while a table is new and was not
-- analyzed, it takes the younger, and through another one an id would be looked for in all events of the ledger.
ALTER TABLE reeve_events ADD UNIQUE (ledger_id, id);

CREATE TABLE reeve_groups (
  ledger_id uuid NOT NULL,
  last_sequence bigint NOT NULL,
  first_sequence bigint NOT NULL,
  chain_hash text COLLATE "C" NOT NULL,
  state_hash text COLLATE "C" NOT NULL,
  chain bytea NOT NULL,
  changesets bytea NOT NULL,
  PRIMARY KEY (ledger_id, last_sequence)
);

ALTER TABLE reeve_groups ALTER COLUMN chain SET STORAGE EXTERNAL;

CREATE TABLE reeve_epochs (
  ledger_id uuid NOT NULL,
  epoch bigint NOT NULL,
  first_sequence bigint NOT NULL,
  level bigint NOT NULL,
  sources_hash text COLLATE "C" NOT NULL,
  PRIMARY KEY (ledger_id, epoch)
);

CREATE TABLE reeve_sums (
  ledger_id uuid NOT NULL,
  table_name text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  sum bytea NOT NULL,
  PRIMARY KEY (ledger_id, table_name)
);

ALTER TABLE reeve_sums ALTER COLUMN sum SET STORAGE EXTERNAL;

-- A blueprint's files belong to no ledger: they are stored once, by their hashes.
CREATE TABLE reeve_epoch_files (
  sources_hash text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  content_hash text COLLATE "C" NOT NULL,
  PRIMARY KEY (sources_hash, path)
);

CREATE TABLE reeve_sources (
  content_hash text COLLATE "C" PRIMARY KEY,
  content text COLLATE "C" NOT NULL
);

-- Tables and columns by their numbers, of each level of a blueprint: what reeve_changes() reads changesets by.
CREATE TABLE reeve_layouts (
  sources_hash text COLLATE "C" NOT NULL,
  level bigint NOT NULL,
  layout jsonb NOT NULL,
  PRIMARY KEY (sources_hash, level)
);

-- Rolls and ids of a ledger's seed, as docs/journal_format.md, "Dice", says. The seed comes as a parameter.
CREATE FUNCTION reeve_draw(seed bytea, purpose text, sequence bigint, name text, counter bigint) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  padded bytea := seed || decode(repeat('00', 64 - length(seed)), 'hex');
  inner_key bytea := padded;
  outer_key bytea := padded;
  message bytea := convert_to(purpose, 'UTF8') || '\x00'::bytea;
BEGIN
  FOR place IN 0..63 LOOP
    inner_key := set_byte(inner_key, place, get_byte(padded, place) # 54);
    outer_key := set_byte(outer_key, place, get_byte(padded, place) # 92);
  END LOOP;
  FOR place IN 0..7 LOOP
    message := message || set_byte('\x00'::bytea, 0, ((sequence >> (8 * place)) & 255)::integer);
  END LOOP;
  FOR place IN 0..7 LOOP
    message := message || set_byte('\x00'::bytea, 0, ((counter >> (8 * place)) & 255)::integer);
  END LOOP;
  message := message || convert_to(name, 'UTF8');
  RETURN sha256(outer_key || sha256(inner_key || message));
END $$;

CREATE FUNCTION reeve_dice(seed bytea, sequence bigint, name text, sides bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  counter bigint := 0;
  digest bytea;
  number numeric;
BEGIN
  IF sides < 1 THEN
    RAISE EXCEPTION 'dice() needs at least one side' USING ERRCODE = '22023';
  END IF;
  LOOP
    digest := reeve_draw(seed, 'dice', sequence, name, counter);
    number := 0;
    FOR place IN REVERSE 7..0 LOOP
      number := number * 256 + get_byte(digest, place);
    END LOOP;
    -- 2^64 - 1 rounded down to a multiple of the sides: what lies above would favour some.
    IF number < 18446744073709551615::numeric - (18446744073709551615::numeric % sides) THEN
      RETURN (number % sides)::bigint + 1;
    END IF;
    counter := counter + 1;
  END LOOP;
END $$;

CREATE FUNCTION reeve_new_uuid(seed bytea, sequence bigint, name text) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  bytes bytea := substring(reeve_draw(seed, 'uuid', sequence, name, 0) FROM 1 FOR 16);
BEGIN
  bytes := set_byte(bytes, 6, (get_byte(bytes, 6) & 15) | 128);
  bytes := set_byte(bytes, 8, (get_byte(bytes, 8) & 63) | 128);
  RETURN encode(bytes, 'hex')::uuid;
END $$;

-- A name leads to its ledger and to no other; nobody can list them.
CREATE FUNCTION reeve_find_ledger(wanted text) RETURNS TABLE (ledger_id uuid, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT l.ledger_id, l.state FROM reeve_ledgers l WHERE l.name = wanted
$$;

-- The ledger of a database that holds one alone.
CREATE FUNCTION reeve_only_ledger() RETURNS TABLE (ledger_id uuid, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT l.ledger_id, l.state FROM reeve_ledgers l
  WHERE l.state <> 'erased' AND (SELECT count(*) FROM reeve_ledgers WHERE state <> 'erased') = 1
$$;

-- The directory, with where each journal ends: for the owner, whom row-level security holds to one ledger at a time.
CREATE FUNCTION reeve_list_ledgers()
RETURNS TABLE (ledger_id uuid, name text, state text, created timestamptz, events bigint)
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  before text := current_setting('reeve.ledger_id', true);
BEGIN
  FOR ledger_id, name, state, created IN
    SELECT l.ledger_id, l.name, l.state, l.created FROM reeve_ledgers l ORDER BY l.name
  LOOP
    PERFORM set_config('reeve.ledger_id', ledger_id::text, true);
    events := (SELECT h.sequence FROM reeve_heads h
               WHERE h.ledger_id = nullif(current_setting('reeve.ledger_id', true), '')::uuid);
    RETURN NEXT;
  END LOOP;
  PERFORM set_config('reeve.ledger_id', coalesce(before, ''), true);
END $$;

-- Takes away at most so many rows of the session's ledger, and what was captured of them. Answers how many.
CREATE FUNCTION reeve_erase_rows(wanted text, rows_max bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  own uuid := nullif(current_setting('reeve.ledger_id', true), '')::uuid;
  removed bigint;
BEGIN
  EXECUTE format('DELETE FROM %I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %I WHERE ledger_id = $1 LIMIT $2))',
                 wanted, wanted) USING own, rows_max;
  GET DIAGNOSTICS removed = ROW_COUNT;
  DELETE FROM reeve_captured WHERE ledger_id = own;
  RETURN removed;
END $$;

-- Takes away the sources of the session's ledger that no other ledger has. Whoever stores some at the same time
-- waits, or was waited for.
CREATE FUNCTION reeve_erase_sources() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
DECLARE
  own text := current_setting('reeve.ledger_id', true);
  unused text[];
  one uuid;
BEGIN
  LOCK TABLE reeve_epoch_files, reeve_sources, reeve_layouts IN SHARE ROW EXCLUSIVE MODE;
  unused := ARRAY(SELECT sources_hash FROM reeve_epochs WHERE ledger_id = own::uuid
                  EXCEPT SELECT sources_hash FROM reeve_format);
  FOR one IN SELECT ledger_id FROM reeve_ledgers WHERE ledger_id <> own::uuid LOOP
    EXIT WHEN cardinality(unused) = 0;
    PERFORM set_config('reeve.ledger_id', one::text, true);
    unused := ARRAY(SELECT unnest(unused) EXCEPT SELECT sources_hash FROM reeve_epochs WHERE ledger_id = one);
  END LOOP;
  PERFORM set_config('reeve.ledger_id', own, true);
  DELETE FROM reeve_epoch_files WHERE sources_hash = ANY (unused);
  DELETE FROM reeve_layouts WHERE sources_hash = ANY (unused);
  DELETE FROM reeve_sources s WHERE NOT EXISTS (SELECT FROM reeve_epoch_files f
                                                WHERE f.content_hash = s.content_hash);
END $$;
