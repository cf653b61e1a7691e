DELETE FROM reeve_live_leases WHERE name = ?1
