INSERT INTO kit_samples (kit_id, user_id, pad_bank, pad_number, sample_id, volume, pitch_shift)
SELECT k.kit_id, k.user_id, :pad_bank, :pad_number, :sample_id, COALESCE(:volume, 1.0), COALESCE(:pitch_shift, 0)
FROM kits k WHERE k.kit_id = :kit_id
ON CONFLICT (kit_id, pad_bank, pad_number) DO UPDATE SET sample_id = excluded.sample_id, volume = excluded.volume,
  pitch_shift = excluded.pitch_shift;
-- expect 1: no kit :kit_id
UPDATE kits SET updated_at = :at WHERE kit_id = :kit_id;
