SELECT 1 FROM reeve_epoch_files WHERE path = 'reference.json' LIMIT 1
