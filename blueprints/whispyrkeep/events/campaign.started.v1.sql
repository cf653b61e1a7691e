-- expect 1: no universe :universe_id and sheet :sheet_id of the user :user_id
INSERT INTO campaigns (campaign_id, universe_id, user_id, sheet_id, title, mode, target_length, failure_style,
                       content_rating, start_universe_time, initial_state, initial_state_hash, created_at, updated_at)
SELECT :campaign_id, :universe_id, :user_id, :sheet_id, :title, :mode, :target_length, :failure_style, :content_rating,
       :initial_state -> 'time', :initial_state, state_hash(:initial_state), :at, :at
WHERE EXISTS (SELECT 1 FROM universes u WHERE u.universe_id = :universe_id AND u.user_id = :user_id)
  AND EXISTS (SELECT 1 FROM character_sheets s WHERE s.sheet_id = :sheet_id AND s.user_id = :user_id);

INSERT INTO canonical_campaign_states (campaign_id, turn_index, state, canonical_state_hash, created_at, updated_at)
VALUES (:campaign_id, 0, :initial_state, state_hash(:initial_state), :at, :at);
