SELECT reeve_reserve_name($1, $2, $3, $4, $5)
