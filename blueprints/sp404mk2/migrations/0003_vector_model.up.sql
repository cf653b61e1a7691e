-- Vectors of two models can't be compared: each says which one made it. Those of before say nothing.
ALTER TABLE sound_vectors ADD COLUMN model varchar(50);
