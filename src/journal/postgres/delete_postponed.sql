DELETE FROM reeve_postponed WHERE ordinal = $1
