-- expect 1: no open offer :parent_id
UPDATE offers SET status = 'countered' WHERE offer_id = :parent_id AND status = 'open';

INSERT INTO offers (offer_id, parent_id, scholar_id, player_id, rival_id, kind, terms, status, made_in)
VALUES (:offer_id, :parent_id, :scholar_id, :player_id, :rival_id, 'counter',
        COALESCE(:terms, '{}'::jsonb), 'open',
        :moment);

INSERT INTO offer_escrow (offer_id, faction, amount)
SELECT :offer_id, e.key, e.value::integer FROM jsonb_each_text(:escrow) AS e (key, value);

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
