DROP VIEW scholars_v1;

ALTER TABLE scholars ADD COLUMN scars jsonb NOT NULL DEFAULT '[]';

UPDATE scholars SET scars = (
  SELECT jsonb_agg(CASE WHEN t.subject = '' THEN t.tag ELSE t.subject || ': ' || t.tag END
                   ORDER BY t.subject, t.tag)
  FROM scholar_scars t WHERE t.scholar_id = scholars.scholar_id)
WHERE EXISTS (SELECT 1 FROM scholar_scars t WHERE t.scholar_id = scholars.scholar_id);

DROP TABLE scholar_scars;
