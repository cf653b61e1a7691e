-- Adds what calls of a model cost on a day.
-- emit: usage.recorded
SELECT :day AS day, :model AS model, :calls AS calls, :tokens AS tokens, :cost_micros AS cost_micros;
