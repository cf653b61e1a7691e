-- Takes a tag from a sample.
-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- check: the sample has no tag :name
SELECT EXISTS (SELECT 1 FROM sample_tags st JOIN tags t ON t.tag_id = st.tag_id
  WHERE st.sample_id = :sample_id AND t.name = :name);

-- emit: tag.detached
SELECT :sample_id AS sample_id, tag_id FROM tags WHERE name = :name;
