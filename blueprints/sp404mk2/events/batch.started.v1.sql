INSERT INTO batches (batch_id, user_id, name, started_at) VALUES (:batch_id, :user_id, :name, :at);
