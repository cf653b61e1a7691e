DROP TABLE usage_records;
DROP TABLE campaign_checkpoints;
DROP TABLE turn_operations;
DROP TABLE turn_events;
DROP TABLE turn_reservations;
DROP TABLE canonical_campaign_states;
DROP TABLE campaigns;
