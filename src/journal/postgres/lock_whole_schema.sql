-- Alone with a schema that has a ledger which arrives: nobody enters the directory, and who brings rows over waits at its head.
LOCK TABLE reeve_format IN ACCESS EXCLUSIVE MODE;
LOCK TABLE reeve_heads IN EXCLUSIVE MODE;
