-- Softphone addresses.

-- name: softphone_add
INSERT INTO softphones (id, domain_id, user_id, device_id, token_hash, kind, label, blanked, slots_ever, generation,
	acked, acked_ms, created_ms, blanked_ms, last_pull_ms, user_agent)
VALUES ($id, $domain_id, $user_id, $device_id, $token_hash, $kind, $label, $blanked, $slots_ever, $generation, $acked,
	$acked_ms, $created_ms, $blanked_ms, $last_pull_ms, $user_agent);

-- name: softphone_by_token
SELECT s.*, v.name AS device, u.ext AS ext
FROM softphones s LEFT JOIN devices v ON v.id = s.device_id LEFT JOIN users u ON u.id = s.user_id
WHERE s.token_hash = $token_hash;

-- name: softphone_load
SELECT s.*, v.name AS device, u.ext AS ext
FROM softphones s LEFT JOIN devices v ON v.id = s.device_id LEFT JOIN users u ON u.id = s.user_id
WHERE s.id = $id;

-- name: softphone_list_user
SELECT s.*, v.name AS device, u.ext AS ext
FROM softphones s LEFT JOIN devices v ON v.id = s.device_id LEFT JOIN users u ON u.id = s.user_id
WHERE s.user_id = $user_id ORDER BY s.id;

-- name: softphone_list_device
SELECT s.*, v.name AS device, u.ext AS ext
FROM softphones s LEFT JOIN devices v ON v.id = s.device_id LEFT JOIN users u ON u.id = s.user_id
WHERE s.device_id = $device_id ORDER BY s.id;

-- name: softphone_slots
UPDATE softphones SET slots_ever = $slots WHERE id = $id AND slots_ever < $slots;

-- name: softphone_bump
UPDATE softphones SET generation = $generation WHERE id = $id;

-- name: softphone_blank
UPDATE softphones SET user_id = NULL, device_id = NULL, label = '', blanked = 1, blanked_ms = $now_ms,
	generation = $generation
WHERE id = $id;

-- name: softphone_ack
UPDATE softphones SET acked = $acked, acked_ms = $now_ms WHERE id = $id AND acked < $acked;

-- name: softphone_seen
UPDATE softphones SET last_pull_ms = $now_ms, user_agent = $user_agent WHERE id = $id;
