#!version:1.0.0.1
# Rekey 249ad86e9d88 generation 42
overwrite_mode = 1
include:config <y000000000108.cfg>
include:config <249ad86e9d88.cfg>
