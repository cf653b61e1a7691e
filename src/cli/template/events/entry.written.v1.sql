-- expect 1: unknown guest :guest
UPDATE guests SET entries = entries + 1 WHERE name = :guest;

INSERT INTO entries (entry_id, guest, message, written_at) VALUES (:entry_id, :guest, :message, :at);
