INSERT INTO reeve_groups (last_sequence, first_sequence, chain_hash, state_hash, chain, changesets, ledger_id)
SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::text[]), unnest($5::bytea[]),
  unnest($6::bytea[]), $7::uuid
