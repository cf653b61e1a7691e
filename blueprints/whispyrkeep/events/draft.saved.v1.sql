-- expect 1: the draft :draft_id is another user's
INSERT INTO world_drafts (draft_id, user_id, title, content, expires_at, created_at, updated_at)
VALUES (:draft_id, :user_id, :title, :content, :expires_at, :at, :at)
ON CONFLICT (draft_id) DO UPDATE SET title = excluded.title, content = excluded.content, expires_at = excluded.expires_at
  WHERE world_drafts.user_id = excluded.user_id;
