UPDATE reeve_search SET sequence = ?1, chain_hash = ?2
