-- Takes a document from hard canon, with the chunks that are of it.
-- check: no document :doc_id
SELECT EXISTS (SELECT 1 FROM universe_hard_canon_docs WHERE doc_id = :doc_id);

-- emit: canon_doc.removed
SELECT :doc_id AS doc_id;
