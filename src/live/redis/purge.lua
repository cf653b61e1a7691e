return sweep(ARGV[6])
