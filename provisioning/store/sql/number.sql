-- Phone numbers.

-- name: number_load
SELECT n.*, d.name AS domain, u.ext AS ext
FROM numbers n JOIN domains d ON d.id = n.domain_id LEFT JOIN users u ON u.id = n.user_id
WHERE n.number = $number;

-- name: number_list
SELECT n.*, d.name AS domain, u.ext AS ext
FROM numbers n JOIN domains d ON d.id = n.domain_id LEFT JOIN users u ON u.id = n.user_id
WHERE n.domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR n.user_id = $user_id)
AND (CAST($site_id AS BIGINT) = 0 OR u.site_id = $site_id)
AND (CAST($application AS TEXT) = '' OR n.application = $application)
AND (CAST($unlike AS TEXT) = '' OR n.application <> $unlike)
ORDER BY n.number LIMIT $limit OFFSET $start;

-- name: number_list_user
SELECT n.*, d.name AS domain, u.ext AS ext
FROM numbers n JOIN domains d ON d.id = n.domain_id JOIN users u ON u.id = n.user_id
WHERE n.user_id = $user_id ORDER BY n.number;

-- name: number_count
SELECT COUNT(*) FROM numbers n LEFT JOIN users u ON u.id = n.user_id
WHERE n.domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR n.user_id = $user_id)
AND (CAST($site_id AS BIGINT) = 0 OR u.site_id = $site_id)
AND (CAST($application AS TEXT) = '' OR n.application = $application)
AND (CAST($unlike AS TEXT) = '' OR n.application <> $unlike);

-- name: number_add
INSERT INTO numbers (id, number, domain_id, enabled, application, user_id, straight, device, destination_user,
	destination_host, parameter, source_name, description, extra, created_ms, modified_ms)
VALUES ($id, $number, $domain_id, $enabled, $application, $user_id, $straight, $device, $destination_user,
	$destination_host, $parameter, $source_name, $description, $extra, $created_ms, $modified_ms);

-- name: number_save
UPDATE numbers SET enabled = $enabled, application = $application, user_id = $user_id, straight = $straight,
	device = $device, destination_user = $destination_user, destination_host = $destination_host,
	parameter = $parameter, source_name = $source_name, description = $description, extra = $extra,
	modified_ms = $modified_ms
WHERE id = $id;

-- name: number_free_user
UPDATE numbers SET application = 'available-number', user_id = NULL, straight = 0, device = '', destination_user = '',
	destination_host = '', parameter = '', source_name = '', modified_ms = $now_ms
WHERE user_id = $user_id AND (straight = 1 OR CAST($everything AS BIGINT) = 1);

-- name: number_delete
DELETE FROM numbers WHERE id = $id;

-- name: alias_list_user
SELECT CAST(1 AS BIGINT) AS number, n.number AS name, d.name AS domain, v.name AS device, u.ext AS ext
FROM numbers n JOIN users u ON u.id = n.user_id JOIN domains d ON d.id = u.domain_id JOIN devices v ON v.user_id = u.id
WHERE n.user_id = $user_id AND n.straight = 1 AND n.enabled = 1 AND (n.device = '' OR n.device = v.name)
UNION ALL
SELECT CAST(0 AS BIGINT), u.ext, d.name, v.name, u.ext
FROM users u JOIN domains d ON d.id = u.domain_id JOIN devices v ON v.user_id = u.id
WHERE u.id = $user_id AND EXISTS (SELECT 1 FROM devices w WHERE w.user_id = u.id AND w.name <> u.ext)
ORDER BY 1, 2, 3, 4;

-- name: alias_list
SELECT CAST(1 AS BIGINT) AS number, n.number AS name, d.name AS domain, v.name AS device, u.ext AS ext
FROM numbers n JOIN users u ON u.id = n.user_id JOIN domains d ON d.id = u.domain_id JOIN devices v ON v.user_id = u.id
WHERE n.straight = 1 AND n.enabled = 1 AND (n.device = '' OR n.device = v.name)
UNION ALL
SELECT CAST(0 AS BIGINT), u.ext, d.name, v.name, u.ext
FROM users u JOIN domains d ON d.id = u.domain_id JOIN devices v ON v.user_id = u.id
WHERE EXISTS (SELECT 1 FROM devices w WHERE w.user_id = u.id AND w.name <> u.ext)
ORDER BY 3, 5, 1, 2, 4;
