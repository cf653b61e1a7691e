SELECT format FROM reeve_access_format{for_update}
