SELECT reeve_erase_sources()
