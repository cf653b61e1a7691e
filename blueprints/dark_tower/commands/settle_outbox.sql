-- Records that a batch of up to 100 has been delivered. What was cancelled meanwhile stays so.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: none of these is pending
SELECT EXISTS (SELECT 1 FROM jsonb_array_elements_text(:outbox_ids) AS d (outbox_id)
               JOIN outbox x ON x.outbox_id = d.outbox_id::uuid WHERE x.status = 'pending');

-- emit: outbox.delivered
SELECT :outbox_ids AS outbox_ids;
