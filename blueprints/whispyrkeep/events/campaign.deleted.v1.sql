-- expect 1: no campaign :campaign_id
DELETE FROM campaigns WHERE campaign_id = :campaign_id;
