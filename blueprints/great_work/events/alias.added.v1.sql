INSERT INTO faction_aliases (alias, faction) VALUES (:alias, :faction);
