-- The model of each served generation.

-- name: snapshot_put
INSERT INTO snapshots (phone_id, kind, generation, body, created_ms)
VALUES ($phone_id, $kind, $generation, $body, $created_ms)
ON CONFLICT (phone_id, kind, generation) DO UPDATE SET body = excluded.body, created_ms = excluded.created_ms;

-- name: snapshot_load
SELECT * FROM snapshots WHERE phone_id = $phone_id AND kind = $kind AND generation <= $at_most
ORDER BY generation DESC LIMIT 1;

-- name: snapshot_prune
DELETE FROM snapshots WHERE phone_id = $phone_id AND generation < $generation;
