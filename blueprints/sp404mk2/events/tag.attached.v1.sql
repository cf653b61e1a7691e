INSERT INTO tags (tag_id, name, category) VALUES (:tag_id, :name, :category) ON CONFLICT (tag_id) DO NOTHING;
INSERT INTO sample_tags (sample_id, tag_id) VALUES (:sample_id, :tag_id);
UPDATE tags SET usage_count = usage_count + 1 WHERE tag_id = :tag_id;
