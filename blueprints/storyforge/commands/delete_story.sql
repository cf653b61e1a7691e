-- Deletes a story with all that belongs to it.
-- check: no story :story_id
SELECT EXISTS (SELECT 1 FROM stories WHERE story_id = :story_id);

-- emit: story.deleted
SELECT :story_id AS story_id;
