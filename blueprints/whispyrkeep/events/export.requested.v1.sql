INSERT INTO exports (export_id, user_id, universe_id, form, expires_at, created_at, updated_at)
VALUES (:export_id, :user_id, :universe_id, :form, :expires_at, :at, :at);
