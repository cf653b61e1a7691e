-- Who leads meetings, and who carries their media. load is the number of active assignments, kept by the
-- events
-- that make and release them.
CREATE TABLE meeting_controllers (
  controller_id uuid PRIMARY KEY,
  region text NOT NULL CHECK (length(region) >= 1 AND length(region) <= 63),
  endpoint text NOT NULL UNIQUE CHECK (length(endpoint) >= 1 AND length(endpoint) <= 255),
  capacity integer NOT NULL CHECK (capacity >= 1),
  load integer NOT NULL DEFAULT 0 CHECK (load >= 0),
  health text NOT NULL DEFAULT 'pending'
    CHECK (health IN ('pending', 'healthy', 'degraded', 'unhealthy', 'draining')),
  last_heartbeat_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (load <= capacity)
);
CREATE INDEX meeting_controllers_by_load ON meeting_controllers (region, health, load, controller_id);
CREATE INDEX meeting_controllers_by_heartbeat ON meeting_controllers (region, last_heartbeat_at,
  controller_id)
  WHERE health <> 'unhealthy';

CREATE TABLE media_handlers (
  handler_id uuid PRIMARY KEY,
  region text NOT NULL CHECK (length(region) >= 1 AND length(region) <= 63),
  endpoint text NOT NULL UNIQUE CHECK (length(endpoint) >= 1 AND length(endpoint) <= 255),
  capacity integer NOT NULL CHECK (capacity >= 1),
  load integer NOT NULL DEFAULT 0 CHECK (load >= 0),
  health text NOT NULL DEFAULT 'pending'
    CHECK (health IN ('pending', 'healthy', 'degraded', 'unhealthy', 'draining')),
  last_heartbeat_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (load <= capacity)
);
CREATE INDEX media_handlers_by_load ON media_handlers (region, health, load, handler_id);
CREATE INDEX media_handlers_by_heartbeat ON media_handlers (region, last_heartbeat_at, handler_id)
  WHERE health <> 'unhealthy';

-- The generation of the latest assignment of a meeting in a region. It only ever grows by one: whoever holds
-- an
-- older one has been replaced (a fencing token).
CREATE TABLE assignment_generations (
  meeting_id uuid NOT NULL REFERENCES meetings (meeting_id),
  region text NOT NULL,
  generation bigint NOT NULL CHECK (generation >= 0),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (meeting_id, region)
);

-- No handler: the meeting is led in this region, and no media flows yet.
CREATE TABLE meeting_assignments (
  assignment_id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meetings (meeting_id),
  region text NOT NULL CHECK (length(region) >= 1 AND length(region) <= 63),
  controller_id uuid NOT NULL REFERENCES meeting_controllers (controller_id),
  handler_id uuid REFERENCES media_handlers (handler_id),
  generation bigint NOT NULL CHECK (generation >= 1),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'released')),
  renewed_at timestamptz NOT NULL,
  released_at timestamptz,
  release_reason text CHECK (release_reason IN ('released', 'moved', 'meeting_ended', 'controller_lost')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (meeting_id, region, generation),
  CHECK ((status = 'released') = (released_at IS NOT NULL)),
  CHECK ((status = 'released') = (release_reason IS NOT NULL))
);
CREATE UNIQUE INDEX meeting_assignments_active ON meeting_assignments (meeting_id, region)
  WHERE status = 'active';
CREATE INDEX meeting_assignments_by_controller ON meeting_assignments (controller_id, status, assignment_id);
CREATE INDEX meeting_assignments_by_handler ON meeting_assignments (handler_id, status, assignment_id);

-- What media handlers must be told. The row comes with the event that it is about, in one transaction.
CREATE TABLE outbox (
  outbox_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('peer_joined', 'peer_left')),
  meeting_id uuid NOT NULL REFERENCES meetings (meeting_id),
  participant_id uuid NOT NULL REFERENCES participants (participant_id),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'cancelled')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt_at timestamptz NOT NULL,
  last_error text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt_at, outbox_id) WHERE status = 'pending';
CREATE INDEX outbox_failed ON outbox (updated_at, outbox_id) WHERE status = 'failed';
CREATE INDEX outbox_settled ON outbox (updated_at, outbox_id) WHERE status <> 'pending';
CREATE INDEX outbox_by_meeting ON outbox (meeting_id, status);
CREATE INDEX outbox_by_participant ON outbox (participant_id);
