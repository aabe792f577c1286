-- The audit log.

-- name: audit_add
INSERT INTO audit (id, at_ms, who, address, client, action, domain, target_user, object, before, after, detail)
VALUES ($id, $at_ms, $who, $address, $client, $action, $domain, $target_user, $object, $before, $after, $detail);

-- name: audit_list
SELECT * FROM audit WHERE (CAST($domain AS TEXT) = '' OR domain = $domain) AND (CAST($target_user AS TEXT) = '' OR target_user = $target_user)
AND (CAST($who AS TEXT) = '' OR who = $who) AND (CAST($action AS TEXT) = '' OR action = $action)
AND at_ms >= $from_ms AND at_ms < $to_ms
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: audit_count
SELECT COUNT(*) FROM audit WHERE (CAST($domain AS TEXT) = '' OR domain = $domain) AND (CAST($target_user AS TEXT) = '' OR target_user = $target_user)
AND (CAST($who AS TEXT) = '' OR who = $who) AND (CAST($action AS TEXT) = '' OR action = $action)
AND at_ms >= $from_ms AND at_ms < $to_ms;
