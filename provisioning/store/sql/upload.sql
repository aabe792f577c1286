-- Files that phones sent.

-- name: upload_put
INSERT INTO uploads (phone_id, kind, body, generation, created_ms)
VALUES ($phone_id, $kind, $body, $generation, $created_ms)
ON CONFLICT (phone_id, kind) DO UPDATE SET body = excluded.body, generation = excluded.generation,
	created_ms = excluded.created_ms;

-- name: upload_load
SELECT * FROM uploads WHERE phone_id = $phone_id AND kind = $kind;

-- name: upload_list
SELECT phone_id, kind, generation, created_ms FROM uploads WHERE phone_id = $phone_id ORDER BY kind;

-- name: upload_delete
DELETE FROM uploads WHERE phone_id = $phone_id AND (CAST($kind AS TEXT) = '' OR kind = $kind);
