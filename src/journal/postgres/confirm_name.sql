SELECT 1 WHERE reeve_confirm_name($1, $2) = 1
