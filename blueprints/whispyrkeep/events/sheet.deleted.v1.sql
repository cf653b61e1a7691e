-- expect 1: no sheet :sheet_id, or a campaign is played with it
DELETE FROM character_sheets
WHERE sheet_id = :sheet_id AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.sheet_id = :sheet_id);
