-- Mails, letters, and whom a domain's mails come from.

-- name: mail_add
INSERT INTO mails (id, domain_id, user_id, job_id, lane, letter, subject, state, link_id, link, who, attempts, due_ms, code,
	error, created_ms, ended_ms)
VALUES ($id, $domain_id, $user_id, $job_id, $lane, $letter, $subject, $state, $link_id, $link, $who, $attempts, $due_ms,
	$code, $error, $created_ms, $ended_ms);

-- name: mail_load
SELECT m.*, u.ext FROM mails m JOIN users u ON u.id = m.user_id WHERE m.id = $id;

-- name: mail_save
UPDATE mails SET state = $state, link = $link, attempts = $attempts, due_ms = $due_ms, code = $code, error = $error,
	ended_ms = $ended_ms
WHERE id = $id;

-- name: mail_next
SELECT m.*, u.ext FROM mails m JOIN users u ON u.id = m.user_id
WHERE m.state = 'waiting' AND m.lane = $lane ORDER BY m.due_ms, m.id LIMIT 1;

-- name: mail_list
SELECT m.*, u.ext FROM mails m JOIN users u ON u.id = m.user_id
WHERE m.domain_id = $domain_id AND (CAST($state AS TEXT) = '' OR m.state = $state) ORDER BY m.id DESC LIMIT $limit OFFSET $start;

-- name: mail_list_user
SELECT m.*, u.ext FROM mails m JOIN users u ON u.id = m.user_id
WHERE m.user_id = $user_id AND (CAST($state AS TEXT) = '' OR m.state = $state) ORDER BY m.id DESC LIMIT $limit OFFSET $start;

-- name: mail_list_job
SELECT m.*, u.ext FROM mails m JOIN users u ON u.id = m.user_id
WHERE m.job_id = $job_id AND (CAST($state AS TEXT) = '' OR m.state = $state) ORDER BY m.id LIMIT $limit OFFSET $start;

-- name: mail_count_failed
SELECT COUNT(*) FROM mails WHERE state = 'failed' AND domain_id = $domain_id;

-- name: mail_count_waiting
SELECT COUNT(*) FROM mails WHERE state = 'waiting';

-- name: mail_end_user
UPDATE mails SET state = $state, error = $error, link = NULL, ended_ms = $now_ms
WHERE user_id = $user_id AND state IN ('waiting', 'link');

-- name: mail_replace_failed
UPDATE mails SET state = 'replaced' WHERE user_id = $user_id AND state = 'failed';

-- name: mail_trim
DELETE FROM mails WHERE user_id = $user_id AND state NOT IN ('waiting', 'link') AND id <=
(SELECT m.id FROM mails m WHERE m.user_id = $user_id ORDER BY m.id DESC LIMIT 1 OFFSET $keep);

-- name: mail_forget
DELETE FROM mails WHERE user_id = $user_id;

-- name: mail_lane_error
UPDATE mails SET error = $error WHERE state = 'waiting' AND lane = $lane AND error <> $error;

-- name: mail_lane_domains
SELECT DISTINCT domain_id AS id FROM mails WHERE state = 'waiting' AND lane = $lane;

-- name: mail_lane_move
UPDATE mails SET lane = $lane WHERE state = 'waiting' AND domain_id = $domain_id;

-- name: letter_load_domain
SELECT * FROM letters WHERE domain_id = $domain_id AND name = $name;

-- name: letter_load_reseller
SELECT * FROM letters WHERE domain_id IS NULL AND reseller = $reseller AND name = $name;

-- name: letter_add
INSERT INTO letters (id, domain_id, reseller, name, subject, body_text, body_html, who, modified_ms)
VALUES ($id, $domain_id, $reseller, $name, $subject, $body_text, $body_html, $who, $modified_ms);

-- name: letter_delete
DELETE FROM letters WHERE name = $name AND
((CAST($domain_id AS BIGINT) <> 0 AND domain_id = $domain_id) OR
(CAST($domain_id AS BIGINT) = 0 AND domain_id IS NULL AND reseller = $reseller));

-- name: domain_mail_load
SELECT * FROM domain_mail WHERE domain_id = $domain_id;

-- name: domain_mail_put
INSERT INTO domain_mail (domain_id, from_address, host, port, login, password)
VALUES ($domain_id, $from_address, $host, $port, $login, $password)
ON CONFLICT (domain_id) DO UPDATE SET from_address = excluded.from_address, host = excluded.host, port = excluded.port,
	login = excluded.login, password = excluded.password;
