-- Removes every row of a suspended organization; the audit log stays, without names.
-- check: no such organization
SELECT EXISTS (SELECT 1 FROM organization);

-- check: the organization is active: suspend it first
SELECT EXISTS (SELECT 1 FROM organization WHERE NOT is_active);

-- emit: organization.erased
SELECT o.organization_id, :reason AS reason, (SELECT count(*) FROM users) AS users,
       (SELECT count(*) FROM meetings) AS meetings
FROM organization o WHERE o.singleton = 1;
