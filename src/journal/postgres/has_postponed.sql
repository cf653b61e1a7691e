SELECT to_regclass('reeve_postponed') IS NOT NULL
