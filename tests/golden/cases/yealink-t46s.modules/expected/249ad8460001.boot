#!version:1.0.0.1
# Rekey 249ad8460001 generation 41
overwrite_mode = 1
include:config <y000000000066.cfg>
include:config <249ad8460001.cfg>
include:config <249ad8460001-later.cfg>
