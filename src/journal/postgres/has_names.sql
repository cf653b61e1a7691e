SELECT to_regclass('reeve_names') IS NOT NULL
