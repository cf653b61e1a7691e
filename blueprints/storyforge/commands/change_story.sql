-- Changes what a story says of itself; what is not given stays.
-- check: no story :story_id
SELECT EXISTS (SELECT 1 FROM stories WHERE story_id = :story_id);

-- check: its owner has another story of this title: :title
SELECT :title IS NULL OR NOT EXISTS (
  SELECT 1 FROM stories o JOIN stories s ON s.owner = o.owner AND s.story_id = :story_id
  WHERE o.title = :title AND o.story_id <> :story_id);

-- check: somebody else changed the story :story_id meanwhile: it is not at version :version
SELECT :version IS NULL OR EXISTS (SELECT 1 FROM stories WHERE story_id = :story_id AND version = :version);

-- emit: story.changed
SELECT story_id, version, COALESCE(:title, title) AS title, COALESCE(:genre, genre) AS genre,
       COALESCE(:description, description) AS description, COALESCE(:status, status) AS status,
       COALESCE(:context_depth, context_depth) AS context_depth, COALESCE(:metadata, metadata) AS metadata
FROM stories WHERE story_id = :story_id;
