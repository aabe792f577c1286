-- Durable work.

-- name: outbox_put
INSERT INTO outbox (id, kind, key, payload, state, due_ms, attempts, error, created_ms)
VALUES ($id, $kind, $key, $payload, $state, $due_ms, $attempts, $error, $created_ms);

-- name: outbox_merge
UPDATE outbox SET payload = $payload, attempts = 0,
	due_ms = CASE WHEN due_ms < CAST($due_ms AS BIGINT) THEN due_ms ELSE CAST($due_ms AS BIGINT) END
WHERE kind = $kind AND key = $key AND state = 'due';

-- name: outbox_cancel
DELETE FROM outbox WHERE kind = $kind AND key = $key AND state = 'due';

-- name: outbox_waits
SELECT COUNT(*) FROM outbox WHERE kind = $kind AND key = $key AND state = 'due' AND due_ms <= $now_ms;

-- name: outbox_list
SELECT * FROM outbox WHERE CAST($kind AS TEXT) = '' OR kind = $kind ORDER BY due_ms, id LIMIT $limit OFFSET $start;

-- name: outbox_there
SELECT COUNT(*) FROM outbox WHERE kind = $kind AND key = $key;

-- name: outbox_count
SELECT COUNT(*) FROM outbox WHERE CAST($kind AS TEXT) = '' OR kind = $kind;

-- Of each key only the first one, and none while the key is at work. On SQLite the writer thread alone claims.
-- name: outbox_claim
UPDATE outbox SET state = 'claimed', attempts = attempts + 1
WHERE id IN (SELECT o.id FROM outbox o WHERE o.state = 'due' AND o.due_ms <= $now_ms
	AND NOT EXISTS (SELECT 1 FROM outbox c WHERE c.key = o.key AND c.state = 'claimed')
	AND NOT EXISTS (SELECT 1 FROM outbox f WHERE f.key = o.key AND f.state = 'due'
		AND (f.due_ms < o.due_ms OR (f.due_ms = o.due_ms AND f.id < o.id)))
	ORDER BY o.due_ms, o.id LIMIT $limit)
RETURNING *;

-- name: outbox_claim
-- engine: postgres
UPDATE outbox SET state = 'claimed', attempts = attempts + 1
WHERE id IN (SELECT o.id FROM outbox o WHERE o.state = 'due' AND o.due_ms <= $now_ms
	AND NOT EXISTS (SELECT 1 FROM outbox c WHERE c.key = o.key AND c.state = 'claimed')
	AND NOT EXISTS (SELECT 1 FROM outbox f WHERE f.key = o.key AND f.state = 'due'
		AND (f.due_ms < o.due_ms OR (f.due_ms = o.due_ms AND f.id < o.id)))
	ORDER BY o.due_ms, o.id LIMIT $limit FOR UPDATE SKIP LOCKED)
RETURNING *;

-- Those that are due already wait for their key, and the end of its work wakes them.
-- name: outbox_next_due
SELECT COALESCE(MIN(due_ms), 0) FROM outbox WHERE state = 'due' AND due_ms > $now_ms;

-- name: outbox_due_now
SELECT COUNT(*) FROM outbox WHERE state = 'due' AND due_ms <= $now_ms;

-- name: outbox_busy
SELECT COUNT(*) FROM outbox WHERE state = 'claimed' OR due_ms <= $now_ms;

-- name: outbox_delete
DELETE FROM outbox WHERE id = $id;

-- name: outbox_again
UPDATE outbox SET state = 'due', due_ms = $due_ms, attempts = $attempts, error = $error WHERE id = $id;

-- name: outbox_recover
UPDATE outbox SET state = 'due' WHERE state = 'claimed';
