-- Removes a draft.
-- check: no draft :draft_id
SELECT EXISTS (SELECT 1 FROM world_drafts WHERE draft_id = :draft_id);

-- emit: draft.removed
SELECT :draft_id AS draft_id;
