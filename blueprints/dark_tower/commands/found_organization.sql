-- Makes this ledger the ledger of one organization.
-- check: this ledger has an organization already
SELECT NOT EXISTS (SELECT 1 FROM organization);

-- check: the organization of this ledger was erased
SELECT NOT EXISTS (SELECT 1 FROM audit_index WHERE resource_type = 'organization');

-- check: :subdomain is no DNS label: 1 to 63 of a-z, 0-9 and -, with no - at its ends
SELECT btrim(:subdomain, 'abcdefghijklmnopqrstuvwxyz0123456789-') = ''
       AND btrim(:subdomain, '-') = :subdomain;

-- emit: organization.founded
SELECT COALESCE(:organization_id, new_uuid('organization')) AS organization_id, :subdomain AS subdomain,
       :display_name AS display_name, COALESCE(:plan, 'free') AS plan,
       COALESCE(:max_concurrent_meetings, 10) AS max_concurrent_meetings,
       COALESCE(:max_participants_per_meeting, 100) AS max_participants_per_meeting,
       COALESCE(:retention_days, 90) AS retention_days, :ip AS ip, :user_agent AS user_agent;
