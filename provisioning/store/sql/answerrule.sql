-- Answering rules, and the outside numbers that they name.

-- name: rule_list
SELECT r.*, t.name AS timeframe FROM answer_rules r LEFT JOIN timeframes t ON t.id = r.timeframe_id
WHERE r.user_id = $user_id ORDER BY r.position, t.name;

-- name: rule_load
SELECT r.*, t.name AS timeframe FROM answer_rules r LEFT JOIN timeframes t ON t.id = r.timeframe_id
WHERE r.user_id = $user_id AND CAST($timeframe AS TEXT) = COALESCE(t.name, '*');

-- name: rule_count
SELECT COUNT(*) FROM answer_rules WHERE user_id = $user_id;

-- name: rule_add
INSERT INTO answer_rules (id, domain_id, user_id, timeframe_id, enabled, position, body, created_ms, modified_ms)
VALUES ($id, $domain_id, $user_id, $timeframe_id, $enabled, $position, $body, $created_ms, $modified_ms);

-- name: rule_save
UPDATE answer_rules SET enabled = $enabled, position = $position, body = $body, modified_ms = $modified_ms WHERE id = $id;

-- name: rule_delete
DELETE FROM answer_rules WHERE id = $id;

-- name: rule_delete_user
DELETE FROM answer_rules WHERE user_id = $user_id;

-- name: rule_number_clear
DELETE FROM answer_numbers WHERE rule_id = $rule_id;

-- name: rule_number_add
INSERT INTO answer_numbers (rule_id, number, rings, domain_id, user_id) VALUES ($rule_id, $number, $rings, $domain_id, $user_id)
ON CONFLICT (rule_id, number) DO UPDATE SET rings = CASE WHEN excluded.rings = 1 THEN 1 ELSE answer_numbers.rings END;

-- name: rule_number_list
SELECT DISTINCT number FROM answer_numbers WHERE user_id = $user_id ORDER BY number;

-- name: rule_ringing
SELECT u.ext AS ext, COALESCE(t.name, '*') AS timeframe, a.number AS number
FROM answer_numbers a JOIN answer_rules r ON r.id = a.rule_id JOIN users u ON u.id = a.user_id
LEFT JOIN timeframes t ON t.id = r.timeframe_id
WHERE a.domain_id = $domain_id AND a.number = $number AND a.user_id <> $user_id AND a.rings = 1 AND r.enabled = 1
ORDER BY u.ext, r.position;
