SELECT code, coalesce("table", ''), coalesce("row", ''), coalesce(field, ''), coalesce(value, ''), done
FROM temp.adopted_irregularities ORDER BY rowid
