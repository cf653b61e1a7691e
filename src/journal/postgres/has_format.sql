SELECT to_regclass('reeve_format') IS NOT NULL
