-- Lets a pad of a kit play nothing.
-- check: no kit :kit_id
SELECT EXISTS (SELECT 1 FROM kits WHERE kit_id = :kit_id);

-- check: the pad :pad_bank:pad_number plays nothing
SELECT EXISTS (SELECT 1 FROM kit_samples WHERE kit_id = :kit_id AND pad_bank = :pad_bank AND pad_number = :pad_number);

-- emit: pad.cleared
SELECT :kit_id AS kit_id, :pad_bank AS pad_bank, :pad_number AS pad_number;
