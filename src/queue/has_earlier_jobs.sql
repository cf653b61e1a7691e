SELECT count(*) FROM sqlite_schema WHERE name = 'reeve_jobs_due' AND instr(sql, ' IN ') > 0
