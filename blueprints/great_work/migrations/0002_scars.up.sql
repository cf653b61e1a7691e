-- breaking: the column scholars.scars goes; its strings become rows of scholar_scars.
CREATE TABLE scholar_scars (
  scholar_id text NOT NULL REFERENCES scholars (scholar_id),
  subject text NOT NULL,
  tag text NOT NULL,
  PRIMARY KEY (scholar_id, subject, tag)
);

-- 'ines: stole my survey' has the subject ines; a string without ': ' has none, written ''.
INSERT INTO scholar_scars (scholar_id, subject, tag)
SELECT DISTINCT s.scholar_id,
       CASE WHEN strpos(scar.value, ': ') > 0 THEN substr(scar.value, 1,
                                                          strpos(scar.value, ': ') - 1) ELSE '' END,
       CASE WHEN strpos(scar.value, ': ') > 0 THEN substr(scar.value, strpos(scar.value, ': ') + 2)
            ELSE scar.value END
FROM scholars s CROSS JOIN jsonb_array_elements_text(s.scars) AS scar (value);

ALTER TABLE scholars DROP COLUMN scars;

-- Scholars as they were seen before scars had subjects: without them.
CREATE VIEW scholars_v1 AS
SELECT scholar_id, name, seed, personality, stats, career, status, patron, spawned_in
FROM scholars;
