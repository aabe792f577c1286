-- Time frames: of a user, or shared by the domain.

-- name: timeframe_load
SELECT * FROM timeframes WHERE id = $id;

-- A user's own before the shared one of the same name.
-- name: timeframe_by_name
SELECT * FROM timeframes WHERE domain_id = $domain_id AND name = $name AND (user_id = $user_id OR user_id IS NULL)
ORDER BY CASE WHEN user_id IS NULL THEN 1 ELSE 0 END LIMIT 1;

-- name: timeframe_list
SELECT * FROM timeframes WHERE user_id = $user_id ORDER BY name LIMIT $limit OFFSET $start;

-- name: timeframe_list_shared
SELECT * FROM timeframes WHERE domain_id = $domain_id AND user_id IS NULL ORDER BY name LIMIT $limit OFFSET $start;

-- name: timeframe_count
SELECT COUNT(*) FROM timeframes WHERE user_id = $user_id;

-- name: timeframe_count_shared
SELECT COUNT(*) FROM timeframes WHERE domain_id = $domain_id AND user_id IS NULL;

-- name: timeframe_used
SELECT COUNT(*) FROM answer_rules WHERE timeframe_id = $id;

-- name: timeframe_add
INSERT INTO timeframes (id, domain_id, user_id, name, type, body, created_ms, modified_ms)
VALUES ($id, $domain_id, $user_id, $name, $type, $body, $created_ms, $modified_ms);

-- name: timeframe_save
UPDATE timeframes SET name = $name, type = $type, body = $body, modified_ms = $modified_ms WHERE id = $id;

-- name: timeframe_delete
DELETE FROM timeframes WHERE id = $id;

-- name: timeframe_delete_user
DELETE FROM timeframes WHERE user_id = $user_id;
