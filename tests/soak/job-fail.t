#!/bin/sh
# Every single call of the store fails once, for good, and softly, while a small job is ordered and carried out: the long form of
# tests/unit/test_job_fail.c.
cd "$(dirname "$0")/../.." || exit 1
EVERY=1 CMOCKA_MESSAGE_OUTPUT=TAP exec "build/${REKEY_KIND:-dev}/tests/test_job_fail"
