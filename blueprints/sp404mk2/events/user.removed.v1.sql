UPDATE tags SET usage_count = usage_count - CAST((
  SELECT count(*) FROM sample_tags st JOIN samples s ON s.sample_id = st.sample_id
  WHERE s.user_id = :user_id AND st.tag_id = tags.tag_id) AS integer)
WHERE tag_id IN (SELECT st.tag_id FROM sample_tags st JOIN samples s ON s.sample_id = st.sample_id
  WHERE s.user_id = :user_id);
-- expect 1: no user :user_id
DELETE FROM users WHERE user_id = :user_id;
