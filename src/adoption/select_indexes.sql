SELECT name, "unique", origin, partial FROM pragma_index_list(?1) ORDER BY name
