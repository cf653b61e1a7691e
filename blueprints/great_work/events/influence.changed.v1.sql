-- expect 1: the influence of :player_id with :faction may not become :influence by a change of :delta (:kind)
UPDATE player_influence SET influence = :influence
WHERE player_id = :player_id AND faction = :faction AND influence + :delta = :influence
  AND (:delta >= 0 OR :influence >= 0 OR :kind = 'import')
  AND (:kind <> 'gain' OR :delta = 0 OR (:delta > 0 AND (soft_cap IS NULL OR :influence <= soft_cap)));

INSERT INTO player_events (player_id, sequence) VALUES (:player_id, :sequence);
