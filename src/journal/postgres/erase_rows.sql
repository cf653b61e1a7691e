SELECT reeve_erase_rows($1, $2)
