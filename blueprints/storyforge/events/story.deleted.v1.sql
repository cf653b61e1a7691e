-- expect 1: no story :story_id
DELETE FROM stories WHERE story_id = :story_id;
