-- Removes a kit; its samples stay.
-- check: no kit :kit_id
SELECT EXISTS (SELECT 1 FROM kits WHERE kit_id = :kit_id);

-- emit: kit.removed
SELECT :kit_id AS kit_id;
