SELECT name FROM reeve_meta ORDER BY name
