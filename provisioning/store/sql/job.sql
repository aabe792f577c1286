-- Jobs and the users that they hold.

-- name: job_add
INSERT INTO jobs (id, domain_id, kind, state, options, payload, who, address, at_ms, created_ms, started_ms, ended_ms)
VALUES ($id, $domain_id, $kind, $state, $options, $payload, $who, $address, $at_ms, $created_ms, $started_ms, $ended_ms);

-- name: job_load
SELECT j.*, (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id) AS users,
	(SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'done') AS done,
	(SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'failed') AS failed
FROM jobs j
WHERE j.id = $id;

-- name: job_list
SELECT j.*, (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id) AS users,
	(SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'done') AS done,
	(SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'failed') AS failed
FROM jobs j
WHERE CAST($domain_id AS BIGINT) = 0 OR j.domain_id = $domain_id
ORDER BY j.id DESC LIMIT $limit OFFSET $start;

-- name: job_list_open
SELECT j.*, (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id) AS users,
	(SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'done') AS done,
	(SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'failed') AS failed
FROM jobs j
WHERE j.ended_ms = 0 ORDER BY j.id;

-- name: job_state
UPDATE jobs SET state = $state,
	started_ms = CASE WHEN started_ms = 0 AND CAST($state AS TEXT) = 'running' THEN CAST($now_ms AS BIGINT) ELSE started_ms END
WHERE id = $id;

-- name: job_end
UPDATE jobs SET state = $state, ended_ms = $now_ms, payload = NULL WHERE id = $id;

-- name: job_end_users
UPDATE job_users SET state = CASE WHEN state IN ('done', 'failed') THEN state ELSE 'cancelled' END, ended_ms = $now_ms,
	form = CASE WHEN form_pending = 1 THEN form ELSE NULL END
WHERE job_id = $job_id AND ended_ms = 0;

-- name: job_user_add
INSERT INTO job_users (id, job_id, domain_id, user_id, ext, state, error, steps, voicemail, form, form_pending, begun_ms, ended_ms)
VALUES ($id, $job_id, $domain_id, $user_id, $ext, $state, $error, $steps, $voicemail, $form, $form_pending, $begun_ms, $ended_ms);

-- name: job_user_holder
SELECT job_id FROM job_users WHERE user_id = $user_id AND ended_ms = 0;

-- name: job_user_list
SELECT * FROM job_users WHERE job_id = $job_id ORDER BY id LIMIT $limit OFFSET $start;

-- name: job_user_next
SELECT * FROM job_users WHERE job_id = $job_id AND ended_ms = 0 AND state <> 'moving' ORDER BY id LIMIT $limit;

-- name: job_user_moving
SELECT COUNT(*) FROM job_users WHERE job_id = $job_id AND ended_ms = 0 AND state = 'moving';

-- name: job_user_load
SELECT * FROM job_users WHERE job_id = $job_id AND user_id = $user_id;

-- name: job_user_save
UPDATE job_users SET state = $state, error = $error, steps = $steps, voicemail = $voicemail, form = $form, form_pending = $form_pending,
	begun_ms = $begun_ms, ended_ms = $ended_ms
WHERE id = $id;

-- name: job_cancel_waiting
UPDATE job_users SET state = 'cancelled', ended_ms = $now_ms, form = NULL, form_pending = 0
WHERE job_id = $job_id AND state = 'waiting' AND ended_ms = 0;
