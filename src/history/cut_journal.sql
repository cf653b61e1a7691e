-- Of a copy that ends earlier: {0} is the last event of a group.
DELETE FROM reeve_events WHERE sequence > {0};
DELETE FROM reeve_groups WHERE last_sequence > {0};
DELETE FROM reeve_sums;
