SELECT count(*) FROM pg_class WHERE oid = to_regclass('{schema}.reeve_live')
