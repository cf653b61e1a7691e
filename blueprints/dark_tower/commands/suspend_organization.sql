-- Makes the organization inactive: nothing new begins, what runs may end.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- emit: organization.suspended
SELECT o.organization_id, :reason AS reason, :ip AS ip, :user_agent AS user_agent
FROM organization o WHERE o.singleton = 1;
