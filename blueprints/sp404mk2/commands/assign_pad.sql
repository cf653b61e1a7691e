-- Lets a pad of a kit play a sample of the kit's user.
-- check: no kit :kit_id
SELECT EXISTS (SELECT 1 FROM kits WHERE kit_id = :kit_id);

-- check: no sample :sample_id
SELECT EXISTS (SELECT 1 FROM samples WHERE sample_id = :sample_id);

-- check: the sample :sample_id is of another user than the kit
SELECT EXISTS (SELECT 1 FROM kits k JOIN samples s ON s.user_id = k.user_id
  WHERE k.kit_id = :kit_id AND s.sample_id = :sample_id);

-- emit: pad.assigned
SELECT :kit_id AS kit_id, :pad_bank AS pad_bank, :pad_number AS pad_number, :sample_id AS sample_id, :volume AS volume,
       :pitch_shift AS pitch_shift;
