INSERT INTO universe_hard_canon_docs (doc_id, universe_id, source_type, title, text, checksum, created_at)
VALUES (:doc_id, :universe_id, :source_type, :title, :text, encode(sha256(convert_to(:text, 'UTF8')), 'hex'), :at);

-- expect 1: no universe :universe_id
UPDATE universes SET canonical_lore_version = canonical_lore_version + 1 WHERE universe_id = :universe_id;
