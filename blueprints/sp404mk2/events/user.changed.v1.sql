-- expect 1: no user :user_id
UPDATE users SET tier = COALESCE(:tier, tier), quota_mb = COALESCE(:quota_mb, quota_mb),
  is_active = COALESCE(:is_active, is_active)
WHERE user_id = :user_id;
