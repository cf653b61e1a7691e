-- Removes the images of a story that belong to no node.
-- check: no story :story_id
SELECT EXISTS (SELECT 1 FROM stories WHERE story_id = :story_id);

-- emit: asset.swept
SELECT asset_id FROM orphaned_assets WHERE story_id = :story_id ORDER BY asset_id;
