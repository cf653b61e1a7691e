SELECT value, version, ends FROM reeve_live_values WHERE key = ?1
