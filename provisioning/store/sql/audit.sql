-- The audit log.

-- name: audit_add
INSERT INTO audit (id, at_ms, who, who_domain, address, client, action, domain, target_user, object, before, after, detail)
VALUES ($id, $at_ms, $who, $who_domain, $address, $client, $action, $domain, $target_user, $object, $before, $after, $detail);

-- name: audit_list
SELECT * FROM audit WHERE (CAST($target_user AS TEXT) = '' OR target_user = $target_user)
AND (CAST($who AS TEXT) = '' OR who = $who) AND (CAST($action AS TEXT) = '' OR action = $action)
AND (CAST($object AS TEXT) = '' OR object = $object) AND (CAST($client AS TEXT) = '' OR client = $client)
AND (CAST($who_domain AS TEXT) = '' OR who_domain = $who_domain)
AND (CAST($address AS TEXT) = '' OR address = $address
	OR substr(address, 1, length(CAST($address AS TEXT)) + 1) = CAST($address AS TEXT) || ':'
	OR substr(address, 1, length(CAST($address AS TEXT)) + 2) = '[' || CAST($address AS TEXT) || ']')
AND at_ms >= $from_ms AND at_ms < $to_ms AND id < $before_id
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: audit_count
SELECT COUNT(*) FROM audit WHERE (CAST($target_user AS TEXT) = '' OR target_user = $target_user)
AND (CAST($who AS TEXT) = '' OR who = $who) AND (CAST($action AS TEXT) = '' OR action = $action)
AND (CAST($object AS TEXT) = '' OR object = $object) AND (CAST($client AS TEXT) = '' OR client = $client)
AND (CAST($who_domain AS TEXT) = '' OR who_domain = $who_domain)
AND (CAST($address AS TEXT) = '' OR address = $address
	OR substr(address, 1, length(CAST($address AS TEXT)) + 1) = CAST($address AS TEXT) || ':'
	OR substr(address, 1, length(CAST($address AS TEXT)) + 2) = '[' || CAST($address AS TEXT) || ']')
AND at_ms >= $from_ms AND at_ms < $to_ms AND id < $before_id;

-- name: audit_list_domain
SELECT * FROM audit WHERE domain = $domain AND (CAST($target_user AS TEXT) = '' OR target_user = $target_user)
AND (CAST($who AS TEXT) = '' OR who = $who) AND (CAST($action AS TEXT) = '' OR action = $action)
AND (CAST($object AS TEXT) = '' OR object = $object) AND (CAST($client AS TEXT) = '' OR client = $client)
AND (CAST($who_domain AS TEXT) = '' OR who_domain = $who_domain)
AND (CAST($address AS TEXT) = '' OR address = $address
	OR substr(address, 1, length(CAST($address AS TEXT)) + 1) = CAST($address AS TEXT) || ':'
	OR substr(address, 1, length(CAST($address AS TEXT)) + 2) = '[' || CAST($address AS TEXT) || ']')
AND at_ms >= $from_ms AND at_ms < $to_ms AND id < $before_id
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: audit_count_domain
SELECT COUNT(*) FROM audit WHERE domain = $domain AND (CAST($target_user AS TEXT) = '' OR target_user = $target_user)
AND (CAST($who AS TEXT) = '' OR who = $who) AND (CAST($action AS TEXT) = '' OR action = $action)
AND (CAST($object AS TEXT) = '' OR object = $object) AND (CAST($client AS TEXT) = '' OR client = $client)
AND (CAST($who_domain AS TEXT) = '' OR who_domain = $who_domain)
AND (CAST($address AS TEXT) = '' OR address = $address
	OR substr(address, 1, length(CAST($address AS TEXT)) + 1) = CAST($address AS TEXT) || ':'
	OR substr(address, 1, length(CAST($address AS TEXT)) + 2) = '[' || CAST($address AS TEXT) || ']')
AND at_ms >= $from_ms AND at_ms < $to_ms AND id < $before_id;
