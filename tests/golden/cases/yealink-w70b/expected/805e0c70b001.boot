#!version:1.0.0.1
# Rekey 805e0c70b001 generation 41
overwrite_mode = 1
include:config <y000000000146.cfg>
include:config <805e0c70b001.cfg>
