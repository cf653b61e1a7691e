-- What an event changed, as JSON: the reader of docs/journal_format.md, "Changesets", in PostgreSQL's own language.
-- src/journal/changeset.cpp is the other one, and must answer the same.

CREATE FUNCTION reeve_damaged(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a stored changeset is damaged: %', what USING ERRCODE = 'data_corrupted';
END $$;

-- An integer of seven bits a byte at a place (from 0), and the place behind it.
CREATE FUNCTION reeve_read_varint(bytes bytea, INOUT place integer, OUT number bigint)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  byte integer;
BEGIN
  number := 0;
  FOR part IN 0..9 LOOP
    IF place >= length(bytes) THEN
      PERFORM reeve_damaged('it ends early');
    END IF;
    byte := get_byte(bytes, place);
    place := place + 1;
    number := number | ((byte & 127)::bigint << (7 * part));
    IF byte < 128 THEN
      RETURN;
    END IF;
  END LOOP;
  PERFORM reeve_damaged('an integer is too long');
END $$;

-- The bytes of a text or a bytea: its length, then so many.
CREATE FUNCTION reeve_read_bytes(bytes bytea, INOUT place integer, OUT content bytea)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  size bigint;
BEGIN
  SELECT v.place, v.number INTO place, size FROM reeve_read_varint(bytes, place) AS v;
  IF size < 0 OR size > length(bytes) - place THEN
    PERFORM reeve_damaged('it ends early');
  END IF;
  content := substring(bytes FROM place + 1 FOR size::integer);
  place := place + size::integer;
END $$;

-- Eight bytes, least significant first, as IEEE 754 has them. Both factors are exact.
CREATE FUNCTION reeve_double_of(bits bytea) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  number bigint := 0;
  exponent integer;
  fraction bigint;
BEGIN
  FOR place IN REVERSE 7..0 LOOP
    number := (number << 8) | get_byte(bits, place);
  END LOOP;
  exponent := ((number >> 52) & 2047)::integer;
  fraction := number & 4503599627370495;
  IF exponent = 0 THEN
    exponent := 1;
  ELSE
    fraction := fraction | 4503599627370496;
  END IF;
  IF fraction = 0 THEN
    RETURN 0;
  END IF;
  RETURN CASE WHEN number < 0 THEN -1 ELSE 1 END
         * fraction::double precision * power(2::double precision, exponent - 1075);
END $$;

-- A value of a column of a type as JSON. `content` is what a text is made of, for one that is spliced from it.
CREATE FUNCTION reeve_read_value(bytes bytea, type text, earlier bytea, INOUT place integer, OUT value jsonb,
                                 OUT content bytea)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  tag integer;
  number bigint;
  prefix bigint;
  suffix bigint;
BEGIN
  IF place >= length(bytes) THEN
    PERFORM reeve_damaged('it ends early');
  END IF;
  tag := get_byte(bytes, place);
  place := place + 1;
  CASE tag
    WHEN 0 THEN
      value := 'null';
    WHEN 1 THEN
      SELECT v.place, v.number INTO place, number FROM reeve_read_varint(bytes, place) AS v;
      number := ((number >> 1) & 9223372036854775807) # -(number & 1);
      value := CASE WHEN type = 'boolean' THEN to_jsonb(number <> 0)
                    WHEN number BETWEEN -9007199254740992 AND 9007199254740992 THEN to_jsonb(number)
                    ELSE to_jsonb(number::text) END;
    WHEN 2 THEN
      IF length(bytes) - place < 8 THEN
        PERFORM reeve_damaged('it ends early');
      END IF;
      value := to_jsonb(reeve_double_of(substring(bytes FROM place + 1 FOR 8)));
      place := place + 8;
    WHEN 3, 5 THEN
      IF tag = 5 THEN
        SELECT v.place, v.number INTO place, prefix FROM reeve_read_varint(bytes, place) AS v;
        SELECT v.place, v.number INTO place, suffix FROM reeve_read_varint(bytes, place) AS v;
        IF earlier IS NULL OR prefix < 0 OR suffix < 0 OR prefix > length(earlier)
           OR suffix > length(earlier) - prefix THEN
          PERFORM reeve_damaged('a splice is longer than its text');
        END IF;
      END IF;
      SELECT v.place, v.content INTO place, content FROM reeve_read_bytes(bytes, place) AS v;
      IF tag = 5 THEN
        content := substring(earlier FROM 1 FOR prefix::integer) || content
                   || substring(earlier FROM length(earlier) - suffix::integer + 1);
      END IF;
      value := CASE WHEN type = 'jsonb' THEN convert_from(content, 'UTF8')::jsonb
                    ELSE to_jsonb(convert_from(content, 'UTF8')) END;
    WHEN 4 THEN
      SELECT v.place, v.content INTO place, content FROM reeve_read_bytes(bytes, place) AS v;
      value := to_jsonb(translate(encode(content, 'base64'), E'\n', ''));
      content := NULL;
    ELSE
      PERFORM reeve_damaged('an unknown tag');
  END CASE;
END $$;

-- The changes of a changeset under the layout of its epoch.
CREATE FUNCTION reeve_read_changes(layout jsonb, bytes bytea) RETURNS jsonb[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  place integer := 0;
  mask integer;
  head bigint;
  operation integer;
  definition jsonb;
  columns jsonb;
  item jsonb;
  change jsonb;
  before_row jsonb;
  after_row jsonb;
  read jsonb;
  earlier bytea;
  changes jsonb[] := '{}';
BEGIN
  WHILE place < length(bytes) LOOP
    SELECT v.place, v.number INTO place, head FROM reeve_read_varint(bytes, place) AS v;
    operation := (head & 3)::integer;
    IF operation > 2 OR head < 0 OR head >> 2 >= jsonb_array_length(layout) THEN
      PERFORM reeve_damaged('an unknown table or operation');
    END IF;
    definition := layout -> (head >> 2)::integer;
    change := '{}';
    FOR item IN SELECT jsonb_array_elements(definition -> 'key') LOOP
      SELECT v.place, v.value INTO place, read FROM reeve_read_value(bytes, item ->> 'type', NULL, place) AS v;
      change := change || jsonb_build_object(item ->> 'name', read);
    END LOOP;
    change := jsonb_build_object('key', change, 'operation', (ARRAY['insert', 'update', 'remove'])[operation + 1],
                                 'table', definition -> 'table');
    columns := definition -> 'rest';
    mask := place;
    place := place + (jsonb_array_length(columns) + 7) / 8;
    IF place > length(bytes) THEN
      PERFORM reeve_damaged('it ends early');
    END IF;
    before_row := '{}';
    after_row := '{}';
    FOR bit IN 0..8 * (place - mask) - 1 LOOP
      CONTINUE WHEN (get_byte(bytes, mask + bit / 8) >> (bit % 8)) & 1 = 0;
      item := columns -> bit;
      IF item IS NULL THEN
        PERFORM reeve_damaged('a mask names a column that does not exist');
      END IF;
      earlier := NULL;
      IF operation <> 0 THEN
        SELECT v.place, v.value, v.content INTO place, read, earlier
        FROM reeve_read_value(bytes, item ->> 'type', NULL, place) AS v;
        before_row := before_row || jsonb_build_object(item ->> 'name', read);
      END IF;
      IF operation <> 2 THEN
        SELECT v.place, v.value INTO place, read
        FROM reeve_read_value(bytes, item ->> 'type', earlier, place) AS v;
        after_row := after_row || jsonb_build_object(item ->> 'name', read);
      END IF;
    END LOOP;
    IF before_row <> '{}' THEN
      change := change || jsonb_build_object('before', before_row);
    END IF;
    IF after_row <> '{}' THEN
      change := change || jsonb_build_object('after', after_row);
    END IF;
    changes := array_append(changes, change);
  END LOOP;
  RETURN changes;
END $$;

-- What an event changed, [] for one that is not there. The caller's rights and ledger count. Memory: the
-- changesets of the event's group.
CREATE FUNCTION reeve_changes(of_ledger uuid, of_sequence bigint) RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path FROM CURRENT SET extra_float_digits = 1 AS $$
DECLARE
  bytes bytea;
  place integer := 0;
  size bigint;
  skipped bigint;
  event_type text;
  layouts jsonb[];
  changes jsonb[];
BEGIN
  IF of_ledger IS NULL OR of_sequence IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT e.type INTO event_type FROM reeve_events e WHERE e.ledger_id = of_ledger AND e.sequence = of_sequence;
  IF NOT FOUND THEN
    RETURN '[]';
  END IF;
  -- Concatenated once, so that every byte is not taken out of storage anew.
  SELECT g.changesets || ''::bytea, of_sequence - g.first_sequence INTO bytes, skipped
  FROM reeve_groups g WHERE g.ledger_id = of_ledger AND g.last_sequence >= of_sequence
  ORDER BY g.last_sequence LIMIT 1;
  IF bytes IS NULL OR skipped < 0 THEN
    PERFORM reeve_damaged(format('the group of event %s is missing', of_sequence));
  END IF;
  LOOP
    SELECT v.place, v.number INTO place, size FROM reeve_read_varint(bytes, place) AS v;
    IF size < 0 OR size > length(bytes) - place THEN
      PERFORM reeve_damaged('it ends early');
    END IF;
    EXIT WHEN skipped = 0;
    skipped := skipped - 1;
    place := place + size::integer;
  END LOOP;
  bytes := substring(bytes FROM place + 1 FOR size::integer);
  IF length(bytes) = 0 THEN
    RETURN '[]';
  END IF;
  -- The layout in force, and the one before it.
  layouts := ARRAY(SELECT l.layout FROM reeve_epochs e
                   LEFT JOIN reeve_layouts l ON l.sources_hash = e.sources_hash AND l.level = e.level
                   WHERE e.ledger_id = of_ledger AND e.first_sequence <= of_sequence
                   ORDER BY e.epoch DESC LIMIT 2);
  IF layouts[1] IS NULL THEN
    PERFORM reeve_damaged(format('the layout of event %s is missing', of_sequence));
  END IF;
  IF event_type <> 'reeve.schema_migrated' THEN
    changes := reeve_read_changes(layouts[1], bytes);
  ELSE
    SELECT v.place, v.number INTO place, size FROM reeve_read_varint(bytes, 0) AS v;
    IF size < 0 OR size > length(bytes) - place THEN
      PERFORM reeve_damaged('it ends early');
    END IF;
    changes := reeve_read_changes(coalesce(layouts[2], '[]'), substring(bytes FROM place + 1 FOR size::integer))
               || reeve_read_changes(layouts[1], substring(bytes FROM place + size::integer + 1));
  END IF;
  RETURN to_jsonb(changes);
END $$;
