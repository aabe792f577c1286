#!version:1.0.0.1
# Rekey 00156538ab01 generation 42
overwrite_mode = 1
include:config <y000000000038.cfg>
include:config <00156538ab01.cfg>
