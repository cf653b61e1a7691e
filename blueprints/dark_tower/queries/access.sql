-- name: login_gate :one
-- What a login needs before the password is compared: the hash, and the failures of the last 15 minutes. Five
-- lock the name. A name that nobody has gives a row too, without a user.
SELECT u.user_id, u.password_hash, COALESCE(u.is_active, false) AS is_active, f.failures,
       f.failures >= 5 AS locked
FROM (SELECT count(*) AS failures FROM auth_events
      WHERE kind = 'login' AND outcome = 'failure' AND failure_reason <> 'locked_out'
        AND subject_hash = encode(sha256(convert_to(lower(:email::text), 'UTF8')), 'hex')
        AND created_at > now() - interval '15 minutes') f
LEFT JOIN users u ON u.email = lower(:email::text) AND u.deleted_at IS NULL
LIMIT 1;

-- name: auth_failures :many
-- Refused logins and tokens since a time, the newest first.
SELECT auth_event_id, kind, failure_reason, user_id, credential_id, ip, user_agent, created_at
FROM auth_events
WHERE outcome = 'failure' AND created_at >= :since::timestamptz
ORDER BY created_at DESC, auth_event_id DESC
LIMIT :rows::bigint;

-- name: auth_events_of_user :many
-- The logins and tokens of a user, the newest first.
SELECT auth_event_id, kind, outcome, failure_reason, ip, user_agent, created_at
FROM auth_events WHERE user_id = :user_id
ORDER BY created_at DESC, auth_event_id DESC
LIMIT :rows::bigint;

-- name: credential_by_client :one
-- What a service's login needs: the hash of its secret, and its scopes.
SELECT c.credential_id, c.service_type, c.region, c.secret_hash,
       c.revoked_at IS NULL AND COALESCE(c.expires_at > now(), true) AS is_valid,
       (SELECT COALESCE(jsonb_agg(s.scope ORDER BY s.scope), '[]'::jsonb) FROM service_credential_scopes s
        WHERE s.credential_id = c.credential_id) AS scopes
FROM service_credentials c WHERE c.client_id = :client_id;

-- name: active_signing_key :one
-- The key that signs, sealed.
SELECT signing_key_id, algorithm, public_key, private_key_sealed, master_key_version, valid_until, created_at
FROM signing_keys WHERE status = 'active';

-- name: verification_keys :many
-- Public keys that still verify tokens.
SELECT signing_key_id, algorithm, public_key, status, valid_until
FROM signing_keys
WHERE valid_until > now() AND status <> 'revoked'
ORDER BY valid_until DESC, signing_key_id;
