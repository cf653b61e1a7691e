-- Answers an open offer: the patron bids to keep the scholar.
-- check: the game is paused
SELECT NOT paused FROM timeline;

-- check: unknown player :player_id
SELECT EXISTS (SELECT 1 FROM players WHERE player_id = :player_id);

-- check: no open offer :parent_id
SELECT EXISTS (SELECT 1 FROM offers WHERE offer_id = :parent_id AND status = 'open' AND kind = 'initial');

-- check: :player_id made that offer
SELECT player_id <> :player_id FROM offers WHERE offer_id = :parent_id;

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

-- emit: offer.countered
SELECT COALESCE(:offer_id, new_uuid('offer')::text) AS offer_id, o.offer_id AS parent_id,
       :player_id AS player_id,
       o.scholar_id, o.player_id AS rival_id,
       (SELECT jsonb_object_agg(w.faction, w.amount)
        FROM (SELECT a.faction, sum(e.value::integer) AS amount
              FROM jsonb_each_text(:influence) AS e (key, value)
              JOIN faction_aliases a ON a.alias = lower(e.key) GROUP BY a.faction) w) AS escrow,
              :terms AS terms
FROM offers o WHERE o.offer_id = :parent_id;

-- emit: influence.changed
SELECT i.player_id, i.faction, -sum(e.value::integer) AS delta,
       i.influence - sum(e.value::integer) AS influence,
       'hold' AS kind, 'offer' AS reason, COALESCE(:offer_id, new_uuid('offer')::text) AS source
FROM jsonb_each_text(:influence) AS e (key, value)
JOIN faction_aliases a ON a.alias = lower(e.key)
JOIN player_influence i ON i.player_id = :player_id AND i.faction = a.faction
GROUP BY i.player_id, i.faction, i.influence ORDER BY i.faction;

-- emit: press.scheduled
SELECT 'offer.countered:' || COALESCE(:offer_id, new_uuid('offer')::text) AS press_id,
       'negotiation' AS kind,
       p.name || ' answers the offer for ' || s.name AS headline,
       p.name || ' bids to keep ' || s.name || '.' AS body,
       COALESCE(:release_at, now()) AS release_at, p.player_id AS player_id,
       'offer.countered' AS source_type,
       COALESCE(:offer_id, new_uuid('offer')::text) AS source_id
FROM players p CROSS JOIN offers o JOIN scholars s ON s.scholar_id = o.scholar_id
WHERE p.player_id = :player_id AND o.offer_id = :parent_id;

-- emit: order.cancelled
SELECT order_id, 'the offer was countered' AS reason FROM orders
WHERE kind = 'offer_evaluation' AND subject = :parent_id AND status = 'pending' ORDER BY order_id;

-- emit: order.opened
SELECT 'offer:' || COALESCE(:offer_id, new_uuid('offer')::text) AS order_id, 'offer_evaluation' AS kind,
       COALESCE(:offer_id, new_uuid('offer')::text) AS subject, :player_id AS player_id,
       COALESCE(:due_at, now()) AS due_at;
