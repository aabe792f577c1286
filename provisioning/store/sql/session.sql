-- Portal sessions and one-time links.

-- name: session_add
INSERT INTO sessions (id, user_id, token_hash, address, client, created_ms, seen_ms, expires_ms)
VALUES ($id, $user_id, $token_hash, $address, $client, $created_ms, $seen_ms, $expires_ms);

-- name: session_by_token
SELECT * FROM sessions WHERE token_hash = $token_hash AND expires_ms > $now_ms;

-- name: session_touch
UPDATE sessions SET seen_ms = $now_ms, expires_ms = $expires_ms WHERE id = $id;

-- name: session_delete
DELETE FROM sessions WHERE id = $id;

-- name: session_delete_user
DELETE FROM sessions WHERE user_id = $user_id;

-- name: session_delete_others
DELETE FROM sessions WHERE user_id = $user_id AND id <> $keep_id;

-- name: session_expire
DELETE FROM sessions WHERE expires_ms <= $now_ms;

-- name: link_add
INSERT INTO links (id, user_id, token_hash, purpose, mark, created_ms, expires_ms, used_ms)
VALUES ($id, $user_id, $token_hash, $purpose, $mark, $created_ms, $expires_ms, $used_ms);

-- name: link_by_token
SELECT * FROM links WHERE token_hash = $token_hash AND purpose = $purpose AND used_ms = 0 AND expires_ms > $now_ms;

-- name: link_use
UPDATE links SET used_ms = $now_ms WHERE id = $id AND used_ms = 0;

-- name: link_extend
UPDATE links SET expires_ms = $expires_ms WHERE id = $id AND used_ms = 0;

-- name: link_delete
DELETE FROM links WHERE id = $id;

-- name: link_delete_purpose
DELETE FROM links WHERE user_id = $user_id AND purpose = $purpose;

-- name: link_delete_user
DELETE FROM links WHERE user_id = $user_id;

-- name: link_expire
DELETE FROM links WHERE purpose = $purpose AND expires_ms <= $now_ms;
