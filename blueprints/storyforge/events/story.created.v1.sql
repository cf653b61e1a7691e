INSERT INTO stories (story_id, owner, title, genre, description, context_depth, metadata, created_at, updated_at)
VALUES (:story_id, :owner, :title, COALESCE(:genre, ''), COALESCE(:description, ''), :context_depth, :metadata, :at, :at);
