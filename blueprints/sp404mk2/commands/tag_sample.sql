-- Gives a sample a tag. The same tag again decides on nothing.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- emit: tag.attached
SELECT :sample_id AS sample_id, COALESCE((SELECT tag_id FROM tags WHERE name = :name), new_uuid('tag')) AS tag_id,
       :name AS name, :category AS category
WHERE NOT EXISTS (SELECT 1 FROM sample_tags st JOIN tags t ON t.tag_id = st.tag_id
  WHERE st.sample_id = :sample_id AND t.name = :name);
