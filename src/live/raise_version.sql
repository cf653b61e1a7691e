UPDATE reeve_live SET version = version + 1
