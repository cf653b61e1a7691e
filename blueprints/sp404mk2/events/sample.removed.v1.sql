UPDATE users SET used_bytes = used_bytes - (SELECT s.file_size_bytes FROM samples s WHERE s.sample_id = :sample_id)
WHERE user_id IN (SELECT s.user_id FROM samples s WHERE s.sample_id = :sample_id);
UPDATE tags SET usage_count = usage_count - 1
WHERE tag_id IN (SELECT st.tag_id FROM sample_tags st WHERE st.sample_id = :sample_id);
-- expect 1: no sample :sample_id
DELETE FROM samples WHERE sample_id = :sample_id;
