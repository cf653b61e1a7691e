ALTER TABLE sound_vectors DROP COLUMN model;
