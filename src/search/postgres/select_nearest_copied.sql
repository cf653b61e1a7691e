-- The ledger is a value, and the operator is named with its schema: the session looks for nothing beyond its own. A parameter of
-- the type itself would outlive an extension that is dropped and made again.
SELECT key FROM reeve_vectors_{0} WHERE ledger_id = '{1}'
ORDER BY embedding OPERATOR({2}.{3}) $1::text::{2}.vector LIMIT {4}
