INSERT INTO api_usage (day, model, calls, tokens, cost_micros) VALUES (:day, :model, :calls, :tokens, :cost_micros)
ON CONFLICT (day, model) DO UPDATE SET calls = api_usage.calls + excluded.calls,
  tokens = api_usage.tokens + excluded.tokens, cost_micros = api_usage.cost_micros + excluded.cost_micros;
