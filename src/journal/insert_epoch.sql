INSERT INTO reeve_epochs (epoch, first_sequence, level, sources_hash) VALUES (?1, ?2, ?3, ?4)
