-- Changes the plan.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is inactive
SELECT EXISTS (SELECT 1 FROM organization WHERE is_active);

-- check: the plan is :plan already
SELECT EXISTS (SELECT 1 FROM organization WHERE plan <> :plan);

-- emit: organization.plan_changed
SELECT o.organization_id, :plan AS plan, :ip AS ip, :user_agent AS user_agent
FROM organization o WHERE o.singleton = 1;
