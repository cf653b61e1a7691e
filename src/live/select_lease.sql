SELECT generation, owner, ends, duration FROM reeve_live_leases WHERE name = ?1
