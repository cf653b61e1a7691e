SELECT table_name, sequence, sum FROM reeve_sums
