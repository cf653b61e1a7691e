-- Lets a scholar step into the story beside an expedition; a follow-up is due.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: unknown expedition :expedition_id
SELECT EXISTS (SELECT 1 FROM expeditions WHERE expedition_id = :expedition_id);

-- emit: scholar.sidecast
SELECT :scholar_id AS scholar_id, x.expedition_id, x.player_id, :arc AS arc
FROM expeditions x WHERE x.expedition_id = :expedition_id;

-- emit: order.opened
SELECT 'sidecast:' || new_uuid('order:sidecast') AS order_id, 'followup:sidecast_debut' AS kind,
       :scholar_id AS subject, x.player_id, jsonb_build_object('arc', :arc, 'phase', 'debut') AS details,
       COALESCE(:due_at, now()) AS due_at
FROM expeditions x WHERE x.expedition_id = :expedition_id;
