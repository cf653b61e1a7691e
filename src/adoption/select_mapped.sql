-- Behind each position of the log the events that it became, and between positions those that it does not have.
SELECT position, 0 AS is_event, 0 AS place, source, '' AS type, NULL AS version, '' AS actor, time, data, 0 AS number
FROM temp.adopted_log
UNION ALL
SELECT position, 1, place, NULL, type, version, coalesce(actor, ''), time, payload, rowid FROM temp.adopted_events
ORDER BY 1, 2, 3, 10
