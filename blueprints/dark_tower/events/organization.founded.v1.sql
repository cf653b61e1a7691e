INSERT INTO organization (singleton, organization_id, subdomain, display_name, plan, max_concurrent_meetings,
                          max_participants_per_meeting, retention_days, is_active, created_at, updated_at)
VALUES (1, :organization_id, :subdomain, :display_name, :plan, :max_concurrent_meetings,
        :max_participants_per_meeting, :retention_days, true, :at, :at);

INSERT INTO audit_index (sequence, resource_type, resource_id, created_at, updated_at)
VALUES (:sequence, 'organization', :organization_id, :at, :at);
