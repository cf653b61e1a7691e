INSERT INTO guests (name, arrived_at) VALUES (:guest, :at);
