-- What lies before the last ordinal that was drained is dead: the index needs not be read through it.
DELETE FROM reeve_captured WHERE ledger_id = $1 AND ordinal > $2
RETURNING ordinal, table_name, before, after
