DELETE FROM reeve_sums WHERE sequence <> ?1
