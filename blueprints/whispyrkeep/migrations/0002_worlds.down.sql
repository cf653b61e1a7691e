DROP TABLE character_sheets;
DROP FUNCTION is_ability_score;
DROP TABLE homebrew_entries;
DROP TABLE universe_hard_canon_docs;
DROP TABLE universes;
DROP TABLE reference_entries;
DROP TABLE reference_sources;
