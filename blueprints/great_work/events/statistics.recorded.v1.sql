INSERT INTO year_statistics (game_year, events, theories, expeditions, successes, press, reputation_sum)
VALUES (:year, :events, :theories, :expeditions, :successes, :press, :reputation_sum)
ON CONFLICT (game_year) DO UPDATE SET events = excluded.events, theories = excluded.theories,
  expeditions = excluded.expeditions, successes = excluded.successes, press = excluded.press,
  reputation_sum = excluded.reputation_sum;
