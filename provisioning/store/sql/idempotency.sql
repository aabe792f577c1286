-- Answers kept for repetitions of a POST.

-- name: idempotency_take
INSERT INTO idempotency (principal, key, request, status, location, body, created_ms)
VALUES ($principal, $key, $request, $status, $location, $body, $created_ms)
ON CONFLICT (principal, key) DO NOTHING;

-- name: idempotency_load
SELECT * FROM idempotency WHERE principal = $principal AND key = $key;

-- name: idempotency_commit
UPDATE idempotency SET status = $committed WHERE principal = $principal AND key = $key;

-- name: idempotency_recover
DELETE FROM idempotency WHERE status = $taken;

-- name: idempotency_finish
UPDATE idempotency SET status = $status, location = $location, body = $body WHERE principal = $principal AND key = $key;

-- name: idempotency_drop
DELETE FROM idempotency WHERE principal = $principal AND key = $key;

-- name: idempotency_expire
DELETE FROM idempotency WHERE created_ms < $before_ms;
