INSERT INTO scholars (scholar_id, name, seed, personality, stats, career, origin, spawned_in)
VALUES (:scholar_id, :name, :seed, :personality, :stats, :career, :origin, :moment);
