SELECT rowid, "parent", fkid FROM pragma_foreign_key_check(?1) ORDER BY fkid, rowid
