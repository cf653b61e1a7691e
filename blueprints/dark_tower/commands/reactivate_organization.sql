-- Makes the organization active again.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is active already
SELECT EXISTS (SELECT 1 FROM organization WHERE NOT is_active);

-- emit: organization.reactivated
SELECT o.organization_id, :ip AS ip, :user_agent AS user_agent
FROM organization o WHERE o.singleton = 1;
