SELECT "table", "key", field, value FROM temp.adopted_claims ORDER BY rowid
