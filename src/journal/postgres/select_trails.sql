SELECT trail, actor, type, month, events FROM reeve_trails ORDER BY trail, month, type, actor
