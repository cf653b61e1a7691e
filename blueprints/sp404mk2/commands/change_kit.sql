-- Describes a kit, or makes it public or not.
-- check: no kit :kit_id
SELECT EXISTS (SELECT 1 FROM kits WHERE kit_id = :kit_id);

-- emit: kit.changed
SELECT :kit_id AS kit_id, :description AS description, :is_public AS is_public;
