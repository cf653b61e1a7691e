INSERT INTO scholar_scars (scholar_id, subject, tag) VALUES (:scholar_id, :subject, :tag);
