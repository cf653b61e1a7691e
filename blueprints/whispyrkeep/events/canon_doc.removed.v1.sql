-- expect 1: no document :doc_id
UPDATE universes SET canonical_lore_version = canonical_lore_version + 1
WHERE universe_id = (SELECT d.universe_id FROM universe_hard_canon_docs d WHERE d.doc_id = :doc_id);

DELETE FROM universe_hard_canon_docs WHERE doc_id = :doc_id;
