-- Counts an ended year.
-- check: the year :year has not ended
SELECT :year < current_year FROM timeline;

-- emit: statistics.recorded
SELECT :year AS year,
       (SELECT count(*) FROM reeve_events WHERE moment = :year) AS events,
       (SELECT count(*) FROM theories WHERE game_year = :year) AS theories,
       (SELECT count(*) FROM expeditions WHERE resolved_in = :year AND status = 'resolved') AS expeditions,
       (SELECT count(*) FROM expeditions
        WHERE resolved_in = :year AND outcome IN ('success', 'landmark')) AS successes,
       (SELECT count(*) FROM press_releases WHERE game_year = :year) AS press,
       (SELECT COALESCE(sum(reputation), 0) FROM players) AS reputation_sum;
