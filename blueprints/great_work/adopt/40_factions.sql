-- Symposia, offers, debts, and the balances with the factions.

-- name: events
SELECT position, 0 AS place, 'symposium.proposed' AS type, json_extract(payload, '$.player') AS actor,
       json_object('proposal_id', CAST(json_extract(payload, '$.proposal_id') AS TEXT),
                   'player_id', json_extract(payload, '$.player'), 'topic', json_extract(payload, '$.topic'),
                   'expires_at', json_extract(payload, '$.expires_at')) AS payload
FROM said WHERE action = 'symposium_proposal_submitted';

-- name: events
SELECT position, 0 AS place, 'symposium.started' AS type,
       json_object('topic_id', CAST(json_extract(payload, '$.topic_id') AS TEXT), 'topic', json_extract(payload, '$.topic'),
                   'proposal_id', CAST(json_extract(payload, '$.proposal_id') AS TEXT)) AS payload
FROM said WHERE action = 'symposium_started';

-- name: events
SELECT s.position, row_number() OVER (PARTITION BY s.id ORDER BY p.key) AS place, 'symposium.pledged' AS type, p.key AS actor,
       json_object('topic_id', CAST(json_extract(s.payload, '$.topic_id') AS TEXT), 'player_id', p.key,
                   'faction', f.faction, 'amount', json_extract(p.value, '$.amount')) AS payload
FROM said s, json_each(s.payload, '$.pledges') p JOIN spelling f ON f.spelled = json_extract(p.value, '$.faction')
WHERE s.action = 'symposium_started';

-- name: events
SELECT position, 0 AS place, 'symposium.voted' AS type, json_extract(payload, '$.player') AS actor,
       json_object('topic_id', CAST(json_extract(payload, '$.topic_id') AS TEXT),
                   'player_id', json_extract(payload, '$.player'), 'option', json_extract(payload, '$.vote_option')) AS payload
FROM said WHERE action = 'symposium_vote';

-- name: events
SELECT s.position, p.key AS place, 'symposium.pledge_settled' AS type,
       json_object('topic_id', CAST(json_extract(s.payload, '$.topic_id') AS TEXT),
                   'player_id', json_extract(p.value, '$.player_id'), 'faction', f.faction,
                   'status', CASE WHEN json_extract(p.value, '$.remaining_debt') > 0 THEN 'owed'
                                  WHEN json_extract(p.value, '$.deducted') > 0 THEN 'paid' ELSE 'waived' END,
                   'paid', json_extract(p.value, '$.deducted'), 'owed', json_extract(p.value, '$.remaining_debt'),
                   'miss_streak', json_extract(p.value, '$.miss_streak')) AS payload
FROM said s, json_each(s.payload, '$.penalties') p JOIN spelling f ON f.spelled = json_extract(p.value, '$.faction')
WHERE s.action = 'symposium_resolved';

-- name: events
SELECT position, 1000 AS place, 'symposium.resolved' AS type,
       json_object('topic_id', CAST(json_extract(payload, '$.topic_id') AS TEXT),
                   'winner', CAST(json_extract(payload, '$.winner') AS INTEGER),
                   'votes', json(json_extract(payload, '$.votes'))) AS payload
FROM said WHERE action = 'symposium_resolved';

-- name: events
SELECT position, 0 AS place, 'symposium.reminded' AS type,
       json_object('topic_id', CAST(json_extract(payload, '$.topic_id') AS TEXT),
                   'player_id', json_extract(payload, '$.player'), 'level', json_extract(payload, '$.reminder_level'),
                   'amount', json_extract(payload, '$.pledge_amount')) AS payload
FROM said WHERE action = 'symposium_vote_reminder';

-- The debts themselves were never logged: each reprimand says what is left of one.
CREATE TEMP TABLE reprimand AS
SELECT s.id, s.position, json_extract(s.payload, '$.player') AS player_id, f.faction,
       json_extract(s.payload, '$.reprisal_level') AS reprisal_level, json_extract(s.payload, '$.remaining') AS remaining,
       lag(json_extract(s.payload, '$.remaining'), 1, 0)
         OVER (PARTITION BY json_extract(s.payload, '$.player'), f.faction ORDER BY s.id) AS before
FROM said s JOIN spelling f ON f.spelled = json_extract(s.payload, '$.faction') WHERE s.action = 'symposium_reprimand';

-- name: events
SELECT position, 0 AS place, 'debt.changed' AS type,
       json_object('player_id', player_id, 'faction', faction, 'source', 'seasonal', 'delta', remaining - before,
                   'amount', remaining, 'reason', 'known from a reprimand') AS payload
FROM reprimand;

-- name: events
SELECT position, 1 AS place, 'symposium.reprimanded' AS type,
       json_object('player_id', player_id, 'faction', faction, 'source', 'seasonal', 'reprisal_level', reprisal_level,
                   'remaining', remaining) AS payload
FROM reprimand;

-- What the table says of a debt at the end, where the reprimands do not say the same.
CREATE TEMP TABLE debt AS
SELECT d.player_id, f.faction, d.source, d.amount,
       coalesce((SELECT r.remaining FROM reprimand r WHERE r.player_id = d.player_id AND r.faction = f.faction
                 AND d.source = 'seasonal' ORDER BY r.id DESC LIMIT 1), 0) AS known
FROM main.symposium_debts d JOIN spelling f ON f.spelled = d.faction;

-- name: events
SELECT (SELECT position FROM final) + 2 AS position, row_number() OVER (ORDER BY player_id, faction, source) AS place,
       'debt.changed' AS type, (SELECT time FROM final) AS time,
       json_object('player_id', player_id, 'faction', faction, 'source', source, 'delta', amount - known, 'amount', amount,
                   'reason', 'adopted from the old table') AS payload
FROM debt WHERE amount <> known;

-- name: irregularities
SELECT 'not_logged' AS code, 'symposium_debts' AS "table", player_id || ', ' || source AS "row", faction AS field, amount AS value,
       'the log says ' || known || ': it is changed behind the log' AS done
FROM debt WHERE amount <> known ORDER BY player_id, source, faction;

CREATE TEMP TABLE offered AS
SELECT o.id, o.scholar_id, json_extract(o.payload, '$.rival_id') AS rival, json_extract(o.payload, '$.patron_id') AS patron
FROM main.offers o;

CREATE TEMP TABLE escrow AS
SELECT s.id, (SELECT json_group_object(faction, amount) FROM (
         SELECT f.faction, sum(i.value) AS amount FROM json_each(s.payload, '$.influence') i
         JOIN spelling f ON f.spelled = i.key GROUP BY f.faction)) AS held
FROM said s WHERE s.action IN ('offer_created', 'counter_offer_created');

-- A patron who is nobody is no rival: the member is left out.
-- name: events
SELECT s.position, 0 AS place, 'offer.made' AS type, json_extract(s.payload, '$.rival') AS actor,
       json_patch('{}', json_object('offer_id', CAST(o.id AS TEXT), 'player_id', json_extract(s.payload, '$.rival'),
                   'scholar_id', json_extract(s.payload, '$.scholar'),
                   'rival_id', (SELECT p.id FROM main.players p WHERE p.id = o.patron), 'escrow', json(e.held),
                   'terms', json_object('relationship_snapshot',
                                        json(json_extract(s.payload, '$.relationship_snapshot'))))) AS payload
FROM said s JOIN offered o ON o.id = json_extract(s.payload, '$.offer_id') JOIN escrow e ON e.id = s.id
WHERE s.action = 'offer_created';

-- name: irregularities
SELECT 'nobody' AS code, 'offers' AS "table", 'offers/' || o.id AS "row", 'patron_id' AS field, o.patron AS value,
       'it is no player: the offer has no rival' AS done
FROM offered o WHERE NOT EXISTS (SELECT 1 FROM main.players p WHERE p.id = o.patron) ORDER BY o.id;

-- name: events
SELECT s.position, 0 AS place, 'offer.countered' AS type, json_extract(s.payload, '$.patron') AS actor,
       json_object('offer_id', CAST(json_extract(s.payload, '$.counter_offer_id') AS TEXT),
                   'parent_id', CAST(o.id AS TEXT), 'player_id', json_extract(s.payload, '$.patron'),
                   'scholar_id', o.scholar_id, 'rival_id', o.rival, 'escrow', json(e.held),
                   'terms', json_object('relationship_snapshot',
                                        json(json_extract(s.payload, '$.relationship_snapshot')))) AS payload
FROM said s JOIN offered o ON o.id = json_extract(s.payload, '$.original_offer_id') JOIN escrow e ON e.id = s.id
WHERE s.action = 'counter_offer_created';

-- name: events
SELECT position, 0 AS place, 'faction.invested' AS type, json_extract(payload, '$.player') AS actor,
       json_object('player_id', json_extract(payload, '$.player'),
                   'faction', (SELECT faction FROM spelling WHERE spelled = json_extract(payload, '$.faction')),
                   'amount', json_extract(payload, '$.amount'), 'program', json_extract(payload, '$.program'),
                   'total', json_extract(payload, '$.total')) AS payload
FROM said WHERE action = 'faction_investment';

-- The decision: what a player has with one faction under several spellings is added up, and each spelling stays on record.
CREATE TEMP TABLE balance AS
SELECT p.id AS player_id, f.faction, sum(i.value) AS influence, json_group_object(i.key, i.value) AS spellings,
       count(*) AS spelled
FROM main.players p, json_each(p.influence) i JOIN spelling f ON f.spelled = i.key
GROUP BY p.id, f.faction ORDER BY p.id, f.faction;

-- name: events
SELECT (SELECT position FROM final) + 3 AS position, row_number() OVER (ORDER BY player_id, faction) AS place,
       'faction.merged' AS type, 'adoption' AS actor, (SELECT time FROM final) AS time,
       json_object('player_id', player_id, 'faction', faction, 'spellings', json(spellings), 'influence', influence,
                   'reason', 'the old game kept a balance for each spelling: they are added up') AS payload
FROM balance;

-- name: events
SELECT (SELECT position FROM final) + 4 AS position, row_number() OVER (ORDER BY player_id, faction) AS place,
       'influence.changed' AS type, 'adoption' AS actor, (SELECT time FROM final) AS time,
       json_object('player_id', player_id, 'faction', faction, 'delta', influence, 'influence', influence, 'kind', 'import',
                   'reason', 'spellings merged') AS payload
FROM balance;

-- name: irregularities
SELECT 'balance_spelled_twice' AS code, 'players' AS "table", player_id AS "row", faction AS field, spellings AS value,
       'they are added up to ' || influence || ', which faction.merged records' AS done
FROM balance WHERE spelled > 1 ORDER BY player_id, faction;

-- name: irregularities
SELECT 'balance_below_zero' AS code, 'players' AS "table", player_id AS "row", faction AS field, influence AS value,
       'it is kept as it is' AS done
FROM balance WHERE influence < 0 ORDER BY player_id, faction;

-- name: claims
SELECT 'player_influence' AS "table", json_object('player_id', player_id, 'faction', faction) AS "key",
       'influence' AS field, CAST(influence AS TEXT) AS value FROM balance;

-- A commitment was charged by the hour and not logged: under today's rules it would be charged for all its years at once.
-- name: irregularities
SELECT 'left_out' AS code, 'seasonal_commitments' AS "table", 'seasonal_commitments/' || id AS "row", 'status' AS field,
       status AS value, player_id || ' makes it anew by commit_season, if it is to go on' AS done
FROM main.seasonal_commitments ORDER BY id;
