INSERT INTO scholar_feelings (scholar_id, subject, feeling) VALUES (:scholar_id, :subject, :feeling)
ON CONFLICT (scholar_id, subject) DO UPDATE SET feeling = excluded.feeling;
