DROP INDEX campaigns_ended;
ALTER TABLE campaigns DROP COLUMN archived_turns;
