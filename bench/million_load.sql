-- Organizations of the Dark Tower, loaded as a superuser past Reeve: what was made by Reeve for the ledger `template` is
-- written once more for each of bench.first to bench.last, and bench.meetings meetings beside it, with what hangs on
-- them. Their events are there and no changesets or hashes of them, so nothing can be verified; queries read none of those.
-- Ids are md5 of what they are of, so random to an index, as Reeve's are.
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;

CREATE TEMP TABLE o ON COMMIT DROP AS
SELECT k, md5('organization ' || k)::uuid AS ledger_id
FROM generate_series(current_setting('bench.first')::int, current_setting('bench.last')::int) k;

CREATE TEMP TABLE t ON COMMIT DROP AS
SELECT h.* FROM reeve_heads h JOIN reeve_ledgers l USING (ledger_id) WHERE l.name = 'template';

INSERT INTO reeve_ledgers (ledger_id, name, state, created)
SELECT ledger_id, 'org' || k, 'active', now() FROM o;
INSERT INTO reeve_heads (ledger_id, sequence, chain_hash, state_hash)
SELECT o.ledger_id, t.sequence + current_setting('bench.meetings')::int, t.chain_hash, t.state_hash FROM o, t;
INSERT INTO reeve_meta (ledger_id, name, value)
SELECT o.ledger_id, m.name, m.value FROM o, t JOIN reeve_meta m USING (ledger_id);
INSERT INTO reeve_epochs (ledger_id, epoch, first_sequence, level, sources_hash)
SELECT o.ledger_id, e.epoch, e.first_sequence, e.level, e.sources_hash FROM o, t JOIN reeve_epochs e USING (ledger_id);
INSERT INTO reeve_groups (ledger_id, last_sequence, first_sequence, chain_hash, state_hash, chain, changesets)
SELECT o.ledger_id, g.last_sequence, g.first_sequence, g.chain_hash, g.state_hash, g.chain, g.changesets
FROM o, t JOIN reeve_groups g USING (ledger_id);
INSERT INTO reeve_events (ledger_id, sequence, id, type, version, time, moment, actor, command, span, payload)
SELECT o.ledger_id, e.sequence, e.id, e.type, e.version, e.time, e.moment, e.actor, e.command, e.span, e.payload
FROM o, t JOIN reeve_events e USING (ledger_id);
INSERT INTO audit_index (ledger_id, sequence, resource_type, resource_id, created_at, updated_at)
SELECT o.ledger_id, a.sequence, a.resource_type, a.resource_id, a.created_at, a.updated_at
FROM o, t JOIN audit_index a USING (ledger_id);

INSERT INTO organization (ledger_id, singleton, organization_id, subdomain, display_name, created_at, updated_at)
SELECT ledger_id, 1, ledger_id, 'org' || k, 'Organization ' || k, now(), now() FROM o;
INSERT INTO users (ledger_id, user_id, email, display_name, password_hash, created_at, updated_at)
SELECT ledger_id, md5(k || ' user ' || n)::uuid, 'user' || n || '@org.example', 'User ' || n, '$argon2id$bench', now(),
       now()
FROM o, generate_series(1, 50) n;
INSERT INTO user_roles (ledger_id, user_id, role, created_at, updated_at)
SELECT ledger_id, md5(k || ' user ' || n)::uuid, r, now(), now()
FROM o, generate_series(1, 50) n, unnest(ARRAY['user', 'admin']) r WHERE r = 'user' OR n <= 5;
INSERT INTO service_credentials (ledger_id, credential_id, client_id, service_type, secret_hash, created_at, updated_at)
SELECT ledger_id, md5(k || ' credential ' || n)::uuid, 'client' || n, 'media_handler', '$argon2id$bench', now(), now()
FROM o, generate_series(1, 3) n;
INSERT INTO service_credential_scopes (ledger_id, credential_id, scope, created_at, updated_at)
SELECT ledger_id, md5(k || ' credential ' || n)::uuid, s, now(), now()
FROM o, generate_series(1, 3) n, unnest(ARRAY['media', 'meetings']) s;
INSERT INTO signing_keys (ledger_id, signing_key_id, public_key, private_key_sealed, master_key_version, status,
                          valid_until, ended_at, created_at, updated_at)
SELECT ledger_id, md5(k || ' key ' || n)::uuid, '\x01', '\x02', 1, CASE n WHEN 1 THEN 'active' ELSE 'retired' END,
       now() + interval '7 days', CASE n WHEN 1 THEN NULL ELSE now() END, now(), now()
FROM o, generate_series(1, 3) n;
INSERT INTO meeting_controllers (ledger_id, controller_id, region, endpoint, capacity, load, health, last_heartbeat_at,
                                 created_at, updated_at)
SELECT ledger_id, md5(k || ' controller ' || n)::uuid, CASE n % 2 WHEN 0 THEN 'eu' ELSE 'us' END, 'c' || n, 100, n,
       'healthy', now() - n * interval '1 minute', now(), now()
FROM o, generate_series(1, 6) n;
INSERT INTO media_handlers (ledger_id, handler_id, region, endpoint, capacity, load, health, last_heartbeat_at,
                            created_at, updated_at)
SELECT ledger_id, md5(k || ' handler ' || n)::uuid, CASE n % 2 WHEN 0 THEN 'eu' ELSE 'us' END, 'h' || n, 100, n,
       'healthy', now() - n * interval '1 minute', now(), now()
FROM o, generate_series(1, 6) n;
INSERT INTO auth_events (ledger_id, auth_event_id, kind, outcome, subject_hash, user_id, failure_reason, created_at,
                         updated_at)
SELECT ledger_id, md5(k || ' auth ' || n)::uuid, 'login', CASE n % 10 WHEN 0 THEN 'failure' ELSE 'success' END,
       encode(sha256(convert_to('user' || 1 + n % 50 || '@org.example', 'UTF8')), 'hex'),
       md5(k || ' user ' || 1 + n % 50)::uuid, CASE n % 10 WHEN 0 THEN 'wrong_secret' END, now() - n * interval '1 minute',
       now()
FROM o, generate_series(1, 500) n;

-- The first three take place, five more are to come; every twentieth was cancelled.
CREATE TEMP TABLE m ON COMMIT DROP AS
SELECT o.ledger_id, o.k, n, md5(o.k || ' meeting ' || n)::uuid AS meeting_id, md5(o.k || ' user ' || 1 + n % 50)::uuid AS u,
       CASE WHEN n <= 3 THEN 'active' WHEN n <= 8 THEN 'scheduled' WHEN n % 20 = 0 THEN 'cancelled' ELSE 'ended' END
         AS status,
       now() - (n % 100000) * interval '7 minutes' AS at
FROM o, generate_series(1, current_setting('bench.meetings')::int) n;
INSERT INTO meetings (ledger_id, meeting_id, created_by, display_name, meeting_code, join_secret_hash, status,
                      scheduled_start_at, actual_start_at, actual_end_at, deleted_at, created_at, updated_at)
SELECT ledger_id, meeting_id, u, 'Meeting ' || n, 'code-' || n, repeat('0', 64), status,
       CASE status WHEN 'scheduled' THEN now() + n * interval '1 hour' ELSE at END,
       CASE WHEN status IN ('active', 'ended') THEN at END, CASE status WHEN 'ended' THEN at + interval '1 hour' END,
       CASE WHEN n % 50 = 0 THEN now() END, at, at
FROM m;
INSERT INTO participants (ledger_id, participant_id, meeting_id, user_id, display_name, participant_type, joined_at,
                          left_at, leave_reason, created_at, updated_at)
SELECT ledger_id, md5(k || ' participant ' || n || ' ' || p)::uuid, meeting_id, md5(k || ' user ' || 1 + (n + p) % 50)::uuid,
       'User ' || 1 + (n + p) % 50, 'member', at, CASE status WHEN 'ended' THEN at + interval '1 hour' END,
       CASE status WHEN 'ended' THEN 'meeting_ended' END, at, at
FROM m, generate_series(1, 10) p WHERE status IN ('active', 'ended') AND (status = 'active' OR p <= 3);
INSERT INTO meeting_assignments (ledger_id, assignment_id, meeting_id, region, controller_id, handler_id, generation,
                                 status, renewed_at, released_at, release_reason, created_at, updated_at)
SELECT ledger_id, md5(k || ' assignment ' || n)::uuid, meeting_id, 'eu', md5(k || ' controller ' || 2 + 2 * (n % 3))::uuid,
       md5(k || ' handler ' || 2 + 2 * (n % 3))::uuid, 1, CASE status WHEN 'active' THEN 'active' ELSE 'released' END, at,
       CASE status WHEN 'ended' THEN at END, CASE status WHEN 'ended' THEN 'meeting_ended' END, at, at
FROM m WHERE status IN ('active', 'ended');
INSERT INTO outbox (ledger_id, outbox_id, kind, meeting_id, participant_id, status, next_attempt_at, created_at,
                    updated_at)
SELECT ledger_id, md5(k || ' outbox ' || n)::uuid, 'peer_joined', meeting_id, md5(k || ' participant ' || n || ' 1')::uuid,
       CASE WHEN n <= 3 THEN 'pending' WHEN n % 100 = 1 THEN 'failed' ELSE 'delivered' END, at, at, at
FROM m WHERE status IN ('active', 'ended') AND (n <= 3 OR n % 5 = 1);
INSERT INTO reeve_events (ledger_id, sequence, id, type, version, time, actor, command, span, payload)
SELECT m.ledger_id, t.sequence + n, md5(k || ' event ' || n)::uuid, 'meeting.created', 1, at, u::text, 'create_meeting', 1,
       jsonb_build_object('display_name', 'Meeting ' || n, 'ip', '192.0.2.1', 'meeting_id', meeting_id)::text
FROM m, t;
INSERT INTO audit_index (ledger_id, sequence, resource_type, resource_id, created_at, updated_at)
SELECT m.ledger_id, t.sequence + n, 'meeting', meeting_id, at, at FROM m, t;
