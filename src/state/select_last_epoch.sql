SELECT max(epoch) FROM reeve_epochs
