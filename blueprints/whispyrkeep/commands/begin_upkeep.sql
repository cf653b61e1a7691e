-- Asks for what is done daily: compaction and the purge (jobs/).
-- emit: upkeep.due
SELECT WHERE true;
