DROP VIEW meeting_places;
DROP VIEW audit_changes;
DROP VIEW audit_logs;
