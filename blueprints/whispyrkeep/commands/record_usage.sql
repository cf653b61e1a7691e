-- Says what a call of a model cost: tokens, at prices in micro-units for a million of them, rounded up.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: no campaign :campaign_id
SELECT :campaign_id IS NULL OR EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = :campaign_id AND user_id = :user_id);

-- emit: usage.recorded
SELECT COALESCE(:usage_id, new_uuid('usage')) AS usage_id, :user_id AS user_id, :campaign_id AS campaign_id,
       :turn_index AS turn_index, :model AS model, :prompt_tokens AS prompt_tokens,
       :completion_tokens AS completion_tokens, :prompt_price AS prompt_price, :completion_price AS completion_price;
