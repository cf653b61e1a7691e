-- expect 1: no draft :draft_id
DELETE FROM world_drafts WHERE draft_id = :draft_id;
