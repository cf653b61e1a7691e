SELECT generation FROM reeve_live_leases WHERE name = ?1{for_update}
