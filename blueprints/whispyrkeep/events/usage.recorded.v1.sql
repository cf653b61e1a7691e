INSERT INTO usage_records (usage_id, user_id, campaign_id, turn_index, model, prompt_tokens, completion_tokens, cost_micros,
                           spent_at, spent_month, created_at)
VALUES (:usage_id, :user_id, :campaign_id, :turn_index, :model, :prompt_tokens, :completion_tokens,
        (:prompt_tokens * :prompt_price + :completion_tokens * :completion_price + 999999) / 1000000, :at,
        make_date(extract(year FROM :at)::integer, extract(month FROM :at)::integer, 1), :at);
