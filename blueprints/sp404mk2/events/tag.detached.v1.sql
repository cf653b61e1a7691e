-- expect 1: the sample :sample_id has no such tag
DELETE FROM sample_tags WHERE sample_id = :sample_id AND tag_id = :tag_id;
UPDATE tags SET usage_count = usage_count - 1 WHERE tag_id = :tag_id;
