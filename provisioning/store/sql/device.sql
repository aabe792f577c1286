-- Devices: SIP identities.

-- name: device_load
SELECT v.*, d.name AS domain, d.realm AS realm, u.ext AS ext
FROM devices v JOIN domains d ON d.id = v.domain_id LEFT JOIN users u ON u.id = v.user_id
WHERE v.domain_id = $domain_id AND v.name = $name;

-- name: device_by_id
SELECT v.*, d.name AS domain, d.realm AS realm, u.ext AS ext
FROM devices v JOIN domains d ON d.id = v.domain_id LEFT JOIN users u ON u.id = v.user_id
WHERE v.id = $id;

-- name: device_list_user
SELECT v.*, d.name AS domain, d.realm AS realm, u.ext AS ext
FROM devices v JOIN domains d ON d.id = v.domain_id LEFT JOIN users u ON u.id = v.user_id
WHERE v.user_id = $user_id ORDER BY v.name;

-- name: device_list
SELECT v.*, d.name AS domain, d.realm AS realm, u.ext AS ext
FROM devices v JOIN domains d ON d.id = v.domain_id LEFT JOIN users u ON u.id = v.user_id
WHERE CAST($domain_id AS BIGINT) = 0 OR v.domain_id = $domain_id
ORDER BY v.domain_id, v.name LIMIT $limit OFFSET $start;

-- name: device_idle_of
SELECT v.*, d.name AS domain, d.realm AS realm, u.ext AS ext
FROM devices v JOIN domains d ON d.id = v.domain_id LEFT JOIN users u ON u.id = v.user_id
WHERE v.phone_id = $phone_id;

-- name: device_realm_taken
SELECT COUNT(*) FROM domains d JOIN domains o ON o.realm = d.realm AND o.id <> d.id
JOIN devices v ON v.domain_id = o.id AND v.name = $name
WHERE d.id = $domain_id;

-- name: device_add
INSERT INTO devices (id, domain_id, user_id, phone_id, name, kind, password, revision, allowed_user_agent, push_enabled,
	extra, created_ms, modified_ms)
VALUES ($id, $domain_id, $user_id, $phone_id, $name, $kind, $password, $revision, $allowed_user_agent, $push_enabled,
	$extra, $created_ms, $modified_ms);

-- name: device_save
UPDATE devices SET domain_id = $domain_id, user_id = $user_id, phone_id = $phone_id, name = $name, kind = $kind,
	password = $password, revision = $revision, allowed_user_agent = $allowed_user_agent,
	push_enabled = $push_enabled, extra = $extra, modified_ms = $modified_ms
WHERE id = $id;

-- name: device_rekey
UPDATE devices SET password = $password, revision = $revision, modified_ms = $modified_ms WHERE id = $id;

-- name: device_delete
DELETE FROM devices WHERE id = $id;

-- name: device_newest
SELECT v.*, d.name AS domain, d.realm AS realm, u.ext AS ext
FROM devices v JOIN domains d ON d.id = v.domain_id LEFT JOIN users u ON u.id = v.user_id
ORDER BY v.id DESC LIMIT 1;
