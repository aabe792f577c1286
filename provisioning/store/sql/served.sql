-- Which password stood in which served generation.

-- name: served_note
INSERT INTO served (phone_id, slot, device_id, revision, device, domain, password, generation_first, generation_last,
	first_ms, last_ms)
VALUES ($phone_id, $slot, $device_id, $revision, $device, $domain, $password, $generation_first, $generation_last,
	$first_ms, $last_ms)
ON CONFLICT (phone_id, slot, device_id, revision) DO UPDATE SET
	generation_first = CASE WHEN served.generation_first < excluded.generation_first
		THEN served.generation_first ELSE excluded.generation_first END,
	generation_last = CASE WHEN served.generation_last > excluded.generation_last
		THEN served.generation_last ELSE excluded.generation_last END,
	last_ms = excluded.last_ms;

-- name: served_list
SELECT * FROM served WHERE phone_id = $phone_id AND (CAST($slot AS BIGINT) = 0 OR slot = $slot)
ORDER BY generation_last DESC, slot, revision DESC;

-- name: served_prune
DELETE FROM served WHERE phone_id = $phone_id AND generation_last < $acked;
