-- name: entries :many
-- What was written, in order; of one guest if a guest is given.
SELECT guest, message, written_at
FROM entries
WHERE (:guest::text IS NULL OR guest = :guest)
ORDER BY written_at, entry_id;

-- name: guests :many
-- Who was here, the busiest first.
SELECT name, entries, arrived_at FROM guests ORDER BY entries DESC, name;

-- name: guest :one
-- One guest.
SELECT name, entries, arrived_at FROM guests WHERE name = :name;
