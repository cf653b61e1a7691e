DROP VIEW conference_outcomes;
DROP VIEW expedition_outcomes;
DROP VIEW expedition_modifiers;
DROP VIEW influence_standing;
DROP VIEW press_schedule;
DROP VIEW events_with_consequences;
DROP VIEW events;
DELETE FROM faction_aliases WHERE alias IN (
  'academic', 'academia', 'academics', 'university', 'government', 'state', 'governmental', 'industry',
  'industrial', 'industrialists', 'religious', 'religion', 'religious orders', 'church', 'foreign',
  'foreign powers', 'foreign affairs');
