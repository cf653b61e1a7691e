DROP TABLE reeve_postponed
