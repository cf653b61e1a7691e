-- Puts something on record that changes no table.
-- emit: note.recorded
SELECT :kind AS kind, :player_id AS player_id, :scholar_id AS scholar_id, :text AS text, :details AS details;
