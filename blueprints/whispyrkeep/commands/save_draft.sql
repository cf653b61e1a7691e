-- Keeps a world that is being thought up, until it expires.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the draft has expired before it is there
SELECT :expires_at > now();

-- emit: draft.saved
SELECT COALESCE(:draft_id, new_uuid('draft')) AS draft_id, :user_id AS user_id, :title AS title, :content AS content,
       :expires_at AS expires_at;
