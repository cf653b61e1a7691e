INSERT INTO stories (story_id, owner, title, genre, description, status, context_depth, metadata, version, created_at, updated_at)
VALUES (:story_id, :owner, :title, :genre, :description, :status, :context_depth, :metadata, :version, :created_at, :updated_at);
