-- First access: one phone, one token.

-- name: token_add
INSERT INTO tokens (id, phone_id, token_hash, created_ms, expires_ms, used_ms, uses)
VALUES ($id, $phone_id, $token_hash, $created_ms, $expires_ms, $used_ms, $uses);

-- name: token_by_token
SELECT * FROM tokens WHERE token_hash = $token_hash AND expires_ms > $now_ms;

-- name: token_used
UPDATE tokens SET used_ms = $now_ms, uses = uses + 1 WHERE id = $id;

-- name: token_list
SELECT * FROM tokens WHERE phone_id = $phone_id ORDER BY id;

-- name: token_kill
DELETE FROM tokens WHERE phone_id = $phone_id;

-- name: token_expire
DELETE FROM tokens WHERE expires_ms <= $now_ms;
