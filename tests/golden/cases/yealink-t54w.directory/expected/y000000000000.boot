#!version:1.0.0.1
# Rekey
overwrite_mode = 0
