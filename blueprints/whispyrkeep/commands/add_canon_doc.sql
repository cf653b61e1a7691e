-- Adds a document of hard canon, and a chunk of lore for each of its paragraphs.
-- check: no universe :universe_id
SELECT EXISTS (SELECT 1 FROM universes WHERE universe_id = :universe_id);

-- check: the universe has a document of this text already
SELECT NOT EXISTS (SELECT 1 FROM universe_hard_canon_docs
                   WHERE universe_id = :universe_id AND checksum = encode(sha256(convert_to(:text, 'UTF8')), 'hex'));

-- check: a paragraph has more than 20,000 characters
SELECT NOT EXISTS (
  SELECT 1 FROM generate_series(1, length(:text) - length(replace(:text, chr(10) || chr(10), chr(10))) + 1) AS g (place)
  WHERE length(split_part(:text, chr(10) || chr(10), g.place::integer)) > 20000);

-- emit: canon_doc.added
SELECT COALESCE(:doc_id, new_uuid('doc')) AS doc_id, :universe_id AS universe_id, :source_type AS source_type,
       :title AS title, :text AS text;

-- emit: lore_chunk.added
SELECT new_uuid('canon:' || g.place::text) AS chunk_id, :universe_id AS universe_id,
       btrim(split_part(:text, chr(10) || chr(10), g.place::integer), chr(10) || ' ') AS text,
       left(:title, 80) || ' ' || g.place::text AS source_ref, :tags AS tags, :time_range AS time_range,
       COALESCE(:doc_id, new_uuid('doc')) AS doc_id
FROM generate_series(1, length(:text) - length(replace(:text, chr(10) || chr(10), chr(10))) + 1) AS g (place)
WHERE btrim(split_part(:text, chr(10) || chr(10), g.place::integer), chr(10) || ' ') <> ''
ORDER BY g.place;
