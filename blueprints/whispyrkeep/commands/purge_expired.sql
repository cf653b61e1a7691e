-- Removes tokens, reservations, drafts and exports that have expired.
-- emit: expired.purged
SELECT WHERE EXISTS (SELECT 1 FROM access_tokens WHERE expires_at <= now())
          OR EXISTS (SELECT 1 FROM turn_reservations WHERE expires_at <= now())
          OR EXISTS (SELECT 1 FROM world_drafts WHERE expires_at <= now())
          OR EXISTS (SELECT 1 FROM exports WHERE expires_at <= now());
