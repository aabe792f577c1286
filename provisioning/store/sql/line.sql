-- Lines: devices in the slots of phones.

-- name: line_list
SELECT l.*, v.name AS device, v.kind AS kind, v.revision AS revision, v.domain_id AS domain_id, v.user_id AS user_id,
	v.id AS sealed_id, v.password AS password, u.ext AS ext, u.first_name AS first_name, u.last_name AS last_name, p.mac AS mac
FROM lines l JOIN devices v ON v.id = l.device_id JOIN phones p ON p.id = l.phone_id LEFT JOIN users u ON u.id = v.user_id
WHERE l.phone_id = $phone_id ORDER BY l.slot;

-- name: line_list_user
SELECT l.*, v.name AS device, v.kind AS kind, v.revision AS revision, v.domain_id AS domain_id, v.user_id AS user_id,
	v.id AS sealed_id, v.password AS password, u.ext AS ext, u.first_name AS first_name, u.last_name AS last_name, p.mac AS mac
FROM lines l JOIN devices v ON v.id = l.device_id JOIN phones p ON p.id = l.phone_id LEFT JOIN users u ON u.id = v.user_id
WHERE v.user_id = $user_id ORDER BY p.mac, l.slot;

-- name: line_list_device
SELECT l.*, v.name AS device, v.kind AS kind, v.revision AS revision, v.domain_id AS domain_id, v.user_id AS user_id,
	v.id AS sealed_id, v.password AS password, u.ext AS ext, u.first_name AS first_name, u.last_name AS last_name, p.mac AS mac
FROM lines l JOIN devices v ON v.id = l.device_id JOIN phones p ON p.id = l.phone_id LEFT JOIN users u ON u.id = v.user_id
WHERE l.device_id = $device_id ORDER BY p.mac, l.slot;

-- name: line_count_people
SELECT COUNT(*) AS lines, COUNT(DISTINCT v.user_id) AS users
FROM lines l JOIN devices v ON v.id = l.device_id WHERE l.phone_id = $phone_id AND v.user_id IS NOT NULL;

-- name: line_add
INSERT INTO lines (id, phone_id, slot, device_id, shared, label, created_ms)
VALUES ($id, $phone_id, $slot, $device_id, $shared, $label, $created_ms);

-- name: line_save
UPDATE lines SET slot = $slot, device_id = $device_id, shared = $shared, label = $label WHERE id = $id;

-- name: line_delete
DELETE FROM lines WHERE id = $id;
