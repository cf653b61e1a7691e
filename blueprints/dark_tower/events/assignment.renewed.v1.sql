-- expect 1: stale generation :generation: the assignment :assignment_id is not active with it
UPDATE meeting_assignments SET renewed_at = :at, updated_at = :at
WHERE assignment_id = :assignment_id AND generation = :generation AND status = 'active';
