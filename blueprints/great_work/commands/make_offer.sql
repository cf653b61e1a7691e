-- Bids influence for a scholar. It is held in escrow until the offer is resolved.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no active scholar :scholar_id
SELECT EXISTS (SELECT 1 FROM scholars WHERE scholar_id = :scholar_id AND status = 'active');

-- check: :scholar_id follows :player_id already
SELECT patron IS NULL OR patron <> :player_id FROM scholars WHERE scholar_id = :scholar_id;

-- check: there is an offer :offer_id already
SELECT :offer_id IS NULL OR NOT EXISTS (SELECT 1 FROM offers WHERE offer_id = :offer_id);

-- check: :influence names an unknown faction
SELECT NOT EXISTS (SELECT 1 FROM jsonb_each_text(COALESCE(:influence, '{}'::jsonb)) AS e (key, value)
                   WHERE NOT EXISTS (SELECT 1 FROM faction_aliases a WHERE a.alias = lower(e.key)));

-- check: not enough influence
SELECT NOT EXISTS (SELECT 1
                   FROM (SELECT a.faction, sum(e.value::integer) AS amount
                         FROM jsonb_each_text(:influence) AS e (key, value)
                         JOIN faction_aliases a ON a.alias = lower(e.key) GROUP BY a.faction) o
                   JOIN player_influence i ON i.player_id = :player_id AND i.faction = o.faction
                   WHERE i.influence < o.amount);

-- emit: offer.made
SELECT COALESCE(:offer_id, new_uuid('offer')::text) AS offer_id, :player_id AS player_id, s.scholar_id,
       s.patron AS rival_id,
       (SELECT jsonb_object_agg(o.faction, o.amount)
        FROM (SELECT a.faction, sum(e.value::integer) AS amount
              FROM jsonb_each_text(:influence) AS e (key, value)
              JOIN faction_aliases a ON a.alias = lower(e.key) GROUP BY a.faction) o) AS escrow,
              :terms AS terms
FROM scholars s WHERE s.scholar_id = :scholar_id;

-- emit: influence.changed
SELECT i.player_id, i.faction, -sum(e.value::integer) AS delta,
       i.influence - sum(e.value::integer) AS influence,
       'hold' AS kind, 'offer' AS reason, COALESCE(:offer_id, new_uuid('offer')::text) AS source
FROM jsonb_each_text(:influence) AS e (key, value)
JOIN faction_aliases a ON a.alias = lower(e.key)
JOIN player_influence i ON i.player_id = :player_id AND i.faction = a.faction
GROUP BY i.player_id, i.faction, i.influence ORDER BY i.faction;

-- emit: press.scheduled
SELECT 'offer.made:' || COALESCE(:offer_id, new_uuid('offer')::text) AS press_id,
       'negotiation' AS kind,
       p.name || ' bids for ' || s.name AS headline,
       p.name || ' makes ' || s.name || ' an offer.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'offer.made' AS source_type,
       COALESCE(:offer_id, new_uuid('offer')::text) AS source_id
FROM players p CROSS JOIN scholars s
WHERE p.player_id = :player_id AND s.scholar_id = :scholar_id;

-- emit: order.opened
SELECT 'offer:' || COALESCE(:offer_id, new_uuid('offer')::text) AS order_id, 'offer_evaluation' AS kind,
       COALESCE(:offer_id, new_uuid('offer')::text) AS subject, :player_id AS player_id,
       COALESCE(:due_at, now()) AS due_at;
