-- First access: one phone, one token.

-- name: token_add
INSERT INTO tokens (id, phone_id, token_hash, created_ms, expires_ms, used_ms, uses, first_address,
	dead_ms)
VALUES ($id, $phone_id, $token_hash, $created_ms, $expires_ms, $used_ms, $uses, $first_address, $dead_ms);

-- name: token_open
SELECT * FROM tokens WHERE token_hash = $token_hash AND expires_ms > $now_ms AND dead_ms = 0;

-- name: token_shown
SELECT * FROM tokens WHERE token_hash = $token_hash AND expires_ms > $now_ms;

-- name: token_load
SELECT * FROM tokens WHERE id = $id;

-- name: token_used
UPDATE tokens SET used_ms = $now_ms, uses = uses + 1,
	first_address = CASE WHEN first_address = '' THEN CAST($address AS TEXT) ELSE first_address END
WHERE id = $id;

-- name: token_list
SELECT * FROM tokens WHERE phone_id = $phone_id AND dead_ms = 0 ORDER BY id;

-- name: token_kill
UPDATE tokens SET dead_ms = $now_ms WHERE phone_id = $phone_id AND dead_ms = 0;

-- name: token_kill_used
UPDATE tokens SET dead_ms = $now_ms WHERE phone_id = $phone_id AND dead_ms = 0 AND uses > 0;

-- name: token_expire
DELETE FROM tokens WHERE expires_ms <= $now_ms;
