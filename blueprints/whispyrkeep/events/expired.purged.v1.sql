DELETE FROM access_tokens WHERE expires_at <= :at;

DELETE FROM turn_reservations WHERE expires_at <= :at;

DELETE FROM world_drafts WHERE expires_at <= :at;

DELETE FROM exports WHERE expires_at <= :at;
