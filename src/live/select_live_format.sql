SELECT format FROM reeve_live
