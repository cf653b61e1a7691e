DELETE FROM reeve_access_keys WHERE purpose = 'rows' AND version = ?1 AND version < (SELECT max(version) FROM reeve_access_keys WHERE purpose = 'rows')
