SELECT 1 WHERE reeve_release_name($1, $2) = 1
