#!version:1.0.0.1
# Rekey 805e0c1d654e generation 42
overwrite_mode = 1
include:config <y000000000123.cfg>
include:config <805e0c1d654e.cfg>
