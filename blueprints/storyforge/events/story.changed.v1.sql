-- expect 1: the story :story_id is not at version :version any more
UPDATE stories SET title = :title, genre = :genre, description = :description, status = :status,
       context_depth = :context_depth, metadata = :metadata, version = version + 1
WHERE story_id = :story_id AND version = :version;
