-- Changes limits; what is left out stays. What is open stays open, even above a new limit.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- emit: organization.limits_changed
SELECT o.organization_id,
       COALESCE(:max_concurrent_meetings, o.max_concurrent_meetings) AS max_concurrent_meetings,
       COALESCE(:max_participants_per_meeting,
       o.max_participants_per_meeting) AS max_participants_per_meeting,
       COALESCE(:retention_days, o.retention_days) AS retention_days, :ip AS ip, :user_agent AS user_agent
FROM organization o WHERE o.singleton = 1;
