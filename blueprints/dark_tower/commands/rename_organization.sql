-- Gives the organization another display name.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- emit: organization.renamed
SELECT o.organization_id, :display_name AS display_name, :ip AS ip, :user_agent AS user_agent
FROM organization o WHERE o.singleton = 1;
