DELETE FROM campaigns WHERE user_id = :user_id;

DELETE FROM character_sheets WHERE user_id = :user_id;

DELETE FROM universes WHERE user_id = :user_id;

-- expect 1: no user :user_id
DELETE FROM users WHERE user_id = :user_id;
