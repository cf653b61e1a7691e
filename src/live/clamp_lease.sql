-- The clock went back: nobody has it for longer than it lasts.
UPDATE reeve_live_leases SET ends = CAST(?2 AS bigint) + duration WHERE name = ?1 AND ends > CAST(?2 AS bigint) + duration
RETURNING ends
