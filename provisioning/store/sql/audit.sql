-- name: audit_add
INSERT INTO audit (id, at_ms, who, address, client, action, domain, target_user, object, before, after, detail)
VALUES ($id, $at_ms, $who, $address, $client, $action, $domain, $target_user, $object, $before, $after, $detail);
