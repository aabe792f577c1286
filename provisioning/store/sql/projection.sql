-- What the registrar shall know.

-- name: projection_load
SELECT * FROM projection WHERE identity = $identity;

-- name: projection_list
SELECT * FROM projection WHERE CAST($waiting_only AS BIGINT) = 0 OR waiting = 1
ORDER BY identity LIMIT $limit OFFSET $start;

-- name: projection_want
INSERT INTO projection (identity, domain_id, device_id, realm, ha1, revision, wanted_ha1, wanted_revision, waiting,
	wanted_ms, flipped_ms)
VALUES ($identity, $domain_id, $device_id, $realm, $ha1, $revision, $wanted_ha1, $wanted_revision, $waiting, $wanted_ms,
	$flipped_ms)
ON CONFLICT (identity) DO UPDATE SET domain_id = excluded.domain_id, device_id = excluded.device_id, realm = excluded.realm,
	wanted_ha1 = excluded.wanted_ha1, wanted_revision = excluded.wanted_revision, waiting = 1, wanted_ms = excluded.wanted_ms;

-- name: projection_flip
UPDATE projection SET ha1 = $ha1, revision = $revision, wanted_ha1 = NULL, waiting = 0, flipped_ms = $flipped_ms
WHERE identity = $identity;

-- name: projection_delete
DELETE FROM projection WHERE identity = $identity;

-- name: projection_begin
UPDATE projection SET flipped_ms = $at_ms
WHERE identity = $identity AND waiting = 1 AND wanted_revision = $revision AND flipped_ms < wanted_ms;
