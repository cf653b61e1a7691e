SELECT key FROM subject_keys WHERE subject = ?1
