-- expect 1: no campaign :campaign_id, or it has ended
UPDATE campaigns SET status = :status WHERE campaign_id = :campaign_id AND status <> 'ended';
