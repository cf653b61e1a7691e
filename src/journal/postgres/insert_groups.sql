INSERT INTO reeve_groups (last_sequence, first_sequence, chain_hash, state_hash, chain, changesets, ledger_id)
SELECT g.last_sequence, g.first_sequence, g.chain_hash, g.state_hash, g.chain, g.changesets, $7::uuid
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])
  AS g (last_sequence, first_sequence, chain_hash, state_hash, chain, changesets)
