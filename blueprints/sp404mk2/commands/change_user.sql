-- Changes the tier or the quota of a user, or whether they are active.
-- check: no user :user_id
SELECT EXISTS (SELECT 1 FROM users WHERE user_id = :user_id);

-- check: the user uses more than :quota_mb MB already
SELECT :quota_mb IS NULL OR EXISTS (SELECT 1 FROM users
  WHERE user_id = :user_id AND used_bytes <= CAST(:quota_mb AS bigint) * 1048576);

-- emit: user.changed
SELECT :user_id AS user_id, :tier AS tier, :quota_mb AS quota_mb, :is_active AS is_active;
