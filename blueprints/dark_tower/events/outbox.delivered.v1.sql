-- expect 1..: none of these is pending
UPDATE outbox SET status = 'delivered', attempts = attempts + 1, last_error = NULL, updated_at = :at
WHERE status = 'pending' AND outbox_id IN (SELECT d.outbox_id::uuid
                                           FROM jsonb_array_elements_text(:outbox_ids) AS d (outbox_id));
