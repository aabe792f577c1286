#!version:1.0.0.1
# Rekey 00156546ab01 generation 42
overwrite_mode = 1
include:config <y000000000028.cfg>
include:config <00156546ab01.cfg>
