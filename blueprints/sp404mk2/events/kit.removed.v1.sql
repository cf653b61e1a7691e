-- expect 1: no kit :kit_id
DELETE FROM kits WHERE kit_id = :kit_id;
