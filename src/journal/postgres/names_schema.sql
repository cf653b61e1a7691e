-- Names that are unique across the ledgers of a schema (docs/names.md). The table is the owner's alone: a ledger reaches its own
-- names through the functions, and hears of another's nothing but that it is taken. Times are microseconds since 1970.

CREATE TABLE reeve_names (
  hash text COLLATE "C" PRIMARY KEY,
  scope text COLLATE "C" NOT NULL,
  holder uuid NOT NULL REFERENCES reeve_ledgers (ledger_id) ON UPDATE CASCADE ON DELETE CASCADE,
  confirmed boolean NOT NULL,
  ends bigint CHECK (ends IS NOT NULL OR confirmed),
  version text COLLATE "C" NOT NULL
);

CREATE INDEX reeve_names_by_holder ON reeve_names (holder, scope, hash);

-- The ledger of this session, for who may write it: one that moved away, or is closed, changes no names.
CREATE FUNCTION reeve_holder() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  own uuid := nullif(current_setting('reeve.ledger_id', true), '')::uuid;
BEGIN
  IF NOT EXISTS (SELECT FROM reeve_ledgers WHERE ledger_id = own AND state = 'active') THEN
    RAISE EXCEPTION 'the session is of no ledger that is active' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN own;
END $$;

-- A caller's clock that is ahead ends nobody's reservation.
CREATE FUNCTION reeve_reserve_name(wanted_scope text, wanted text, at bigint, until bigint, mark text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  own uuid := reeve_holder();
  now_at bigint := least(at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
  outcome text;
BEGIN
  DELETE FROM reeve_names WHERE holder = own AND NOT confirmed AND ends <= now_at AND hash <> wanted;
  INSERT INTO reeve_names AS n (hash, scope, holder, confirmed, ends, version)
  VALUES (wanted, wanted_scope, own, false, until, mark)
  ON CONFLICT (hash) DO UPDATE
  SET holder = excluded.holder, confirmed = n.confirmed AND n.holder = excluded.holder, ends = excluded.ends,
    version = excluded.version
  WHERE n.holder = excluded.holder OR NOT n.confirmed AND n.ends <= now_at
  RETURNING CASE WHEN n.confirmed THEN 'held' ELSE 'reserved' END INTO outcome;
  RETURN coalesce(outcome, 'taken');
END $$;

CREATE FUNCTION reeve_confirm_name(wanted text, mark text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH changed AS (
    UPDATE reeve_names SET confirmed = true, ends = NULL, version = mark
    WHERE hash = wanted AND holder = reeve_holder() RETURNING 1
  )
  SELECT count(*) FROM changed
$$;

CREATE FUNCTION reeve_release_name(wanted text, unchanged text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  WITH gone AS (
    DELETE FROM reeve_names
    WHERE hash = wanted AND holder = reeve_holder() AND (unchanged = '' OR version = unchanged) RETURNING 1
  )
  SELECT count(*) FROM gone
$$;

CREATE FUNCTION reeve_list_names(wanted_scope text)
RETURNS TABLE (scope text, hash text, confirmed boolean, ends bigint, version text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT n.scope, n.hash, n.confirmed, n.ends, n.version FROM reeve_names n
  WHERE n.holder = reeve_holder() AND (wanted_scope = '' OR n.scope = wanted_scope) ORDER BY n.scope, n.hash
$$;

REVOKE ALL ON FUNCTION reeve_holder(), reeve_reserve_name(text, text, bigint, bigint, text),
  reeve_confirm_name(text, text), reeve_release_name(text, text), reeve_list_names(text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION reeve_reserve_name(text, text, bigint, bigint, text), reeve_confirm_name(text, text),
  reeve_release_name(text, text), reeve_list_names(text) TO reeve_writer;
