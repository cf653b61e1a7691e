-- expect 1: the pad :pad_bank:pad_number plays nothing
DELETE FROM kit_samples WHERE kit_id = :kit_id AND pad_bank = :pad_bank AND pad_number = :pad_number;
