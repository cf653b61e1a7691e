-- expect 1: :outbox_id is not pending with one attempt less than :attempts
UPDATE outbox SET status = :status, attempts = :attempts, next_attempt_at = :next_attempt_at,
       last_error = :error,
       updated_at = :at
WHERE outbox_id = :outbox_id AND status = 'pending' AND attempts + 1 = :attempts;
