#!version:1.0.0.1
# Rekey 001565abcd28 generation 41
overwrite_mode = 1
include:config <y000000000000.cfg>
include:config <001565abcd28.cfg>
