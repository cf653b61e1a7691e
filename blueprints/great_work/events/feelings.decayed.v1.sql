-- expect 1: :year has not ended, or its feelings have decayed already
UPDATE timeline SET decayed_through = :year WHERE decayed_through = :year - 1 AND current_year > :year;

UPDATE scholar_feelings SET feeling = feeling * :factor
WHERE NOT EXISTS (SELECT 1 FROM scholar_scars s
                  WHERE s.scholar_id = scholar_feelings.scholar_id AND s.subject = scholar_feelings.subject);
