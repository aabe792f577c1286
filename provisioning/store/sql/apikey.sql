-- API keys of programs.

-- name: apikey_add
INSERT INTO apikeys (id, key_hash, name, prefix, scope, domain_id, reseller, sites, user_id, created_ms, expires_ms,
	used_ms, revoked_ms)
VALUES ($id, $key_hash, $name, $prefix, $scope, $domain_id, $reseller, $sites, $user_id, $created_ms, $expires_ms,
	$used_ms, $revoked_ms);

-- name: apikey_by_key
SELECT * FROM apikeys WHERE key_hash = $key_hash AND revoked_ms = 0 AND (expires_ms = 0 OR expires_ms > $now_ms);

-- name: apikey_load
SELECT * FROM apikeys WHERE id = $id;

-- name: apikey_list
SELECT * FROM apikeys WHERE CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id
ORDER BY id LIMIT $limit OFFSET $start;

-- name: apikey_touch
UPDATE apikeys SET used_ms = $now_ms WHERE id = $id;

-- name: apikey_revoke
UPDATE apikeys SET revoked_ms = $now_ms WHERE id = $id AND revoked_ms = 0;

-- name: apikey_revoke_user
UPDATE apikeys SET revoked_ms = $now_ms WHERE user_id = $user_id AND revoked_ms = 0;
