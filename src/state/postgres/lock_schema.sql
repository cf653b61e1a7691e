-- Everybody who reads a ledger waits, and whoever reads one now is waited for.
LOCK TABLE reeve_format IN ACCESS EXCLUSIVE MODE
