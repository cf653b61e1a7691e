-- Removes a character that no campaign is played with.
-- check: no sheet :sheet_id
SELECT EXISTS (SELECT 1 FROM character_sheets WHERE sheet_id = :sheet_id);

-- check: a campaign is played with the sheet :sheet_id
SELECT NOT EXISTS (SELECT 1 FROM campaigns WHERE sheet_id = :sheet_id);

-- emit: sheet.deleted
SELECT :sheet_id AS sheet_id;
