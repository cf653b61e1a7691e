DELETE FROM reeve_names WHERE holder = $1 AND NOT confirmed
