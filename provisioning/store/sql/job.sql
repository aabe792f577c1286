-- Jobs and the users that they hold. A job that has ended has its counts in its row; one that runs is counted.

-- name: job_add
INSERT INTO jobs (id, domain_id, kind, state, options, payload, who, address, at_ms, created_ms, started_ms, ended_ms,
	users_all, news)
VALUES ($id, $domain_id, $kind, $state, $options, $payload, $who, $address, $at_ms, $created_ms, $started_ms, $ended_ms,
	$users, $news);

-- name: job_load
SELECT j.*, j.users_all AS users,
	CASE WHEN j.ended_ms > 0 THEN j.users_done ELSE (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'done') END AS done,
	CASE WHEN j.ended_ms > 0 THEN j.users_failed ELSE (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'failed') END AS failed,
	CASE WHEN j.ended_ms > 0 THEN j.records_all ELSE (SELECT COUNT(*) FROM records r WHERE r.job_id = j.id) END AS records,
	(SELECT COUNT(*) FROM records o WHERE o.job_id = j.id AND o.open = 1) AS records_open
FROM jobs j
WHERE j.id = $id;

-- name: job_list
SELECT j.*, j.users_all AS users,
	CASE WHEN j.ended_ms > 0 THEN j.users_done ELSE (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'done') END AS done,
	CASE WHEN j.ended_ms > 0 THEN j.users_failed ELSE (SELECT COUNT(*) FROM job_users u WHERE u.job_id = j.id AND u.state = 'failed') END AS failed,
	CASE WHEN j.ended_ms > 0 THEN j.records_all ELSE (SELECT COUNT(*) FROM records r WHERE r.job_id = j.id) END AS records,
	(SELECT COUNT(*) FROM records o WHERE o.job_id = j.id AND o.open = 1) AS records_open
FROM jobs j
WHERE (CAST($domain_id AS BIGINT) = 0 OR j.domain_id = $domain_id)
AND (CAST($state AS TEXT) = '' OR j.state = $state) AND (CAST($kind AS TEXT) = '' OR j.kind = $kind)
ORDER BY j.id DESC LIMIT $limit OFFSET $start;

-- name: job_count
SELECT COUNT(*) FROM jobs WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($state AS TEXT) = '' OR state = $state) AND (CAST($kind AS TEXT) = '' OR kind = $kind);

-- name: job_brief
SELECT id, domain_id, kind, state, options, who, address, at_ms, created_ms, started_ms, ended_ms, users_all AS users, news
FROM jobs WHERE id = $id;

-- name: job_state
UPDATE jobs SET state = $state, news = $news,
	started_ms = CASE WHEN started_ms = 0 AND CAST($state AS TEXT) = 'running' THEN CAST($now_ms AS BIGINT) ELSE started_ms END
WHERE id = $id;

-- name: job_end
UPDATE jobs SET state = $state, news = $news, ended_ms = $now_ms, payload = NULL,
	users_done = (SELECT COUNT(*) FROM job_users u WHERE u.job_id = $id AND u.state = 'done'),
	users_failed = (SELECT COUNT(*) FROM job_users u WHERE u.job_id = $id AND u.state = 'failed'),
	records_all = (SELECT COUNT(*) FROM records r WHERE r.job_id = $id)
WHERE id = $id;

-- name: job_user_add
INSERT INTO job_users (id, job_id, domain_id, user_id, ext, state, error, steps, voicemail, form, form_pending, begun_ms, ended_ms,
	hold, person, news)
VALUES ($id, $job_id, $domain_id, $user_id, $ext, $state, $error, $steps, $voicemail, $form, $form_pending, $begun_ms, $ended_ms,
	$hold, $person, $news);

-- name: job_user_holder
SELECT job_id FROM job_users WHERE user_id = $user_id AND ended_ms = 0 AND hold >= $hold ORDER BY hold DESC, id LIMIT 1;

-- name: job_user_list
SELECT u.*, COALESCE((SELECT m.state FROM mails m WHERE m.user_id = u.user_id AND m.job_id = u.job_id ORDER BY m.id DESC LIMIT 1), '') AS mail
FROM job_users u WHERE u.job_id = $job_id AND (CAST($state AS TEXT) = '' OR u.state = $state)
ORDER BY u.id LIMIT $limit OFFSET $start;

-- name: job_user_count
SELECT COUNT(*) FROM job_users WHERE job_id = $job_id AND (CAST($state AS TEXT) = '' OR state = $state);

-- name: job_user_news
SELECT id, job_id, domain_id, user_id, ext, state, error, steps, voicemail, form_pending, begun_ms, ended_ms, hold, person, news,
	COALESCE((SELECT m.state FROM mails m WHERE m.user_id = u.user_id AND m.job_id = u.job_id ORDER BY m.id DESC LIMIT 1), '') AS mail
FROM job_users u WHERE job_id = $job_id AND news > $after ORDER BY news LIMIT $limit;

-- name: job_user_next
SELECT id, job_id, domain_id, user_id, ext, state, error, steps, voicemail, form_pending, begun_ms, ended_ms, hold, person, news
FROM job_users WHERE job_id = $job_id AND ended_ms = 0 AND hold = 2 AND state <> 'moving' ORDER BY id LIMIT $limit;

-- name: job_user_parked
SELECT * FROM job_users WHERE user_id = $user_id AND ended_ms = 0 AND state = 'moving';

-- name: job_user_moving
SELECT COUNT(*) FROM job_users WHERE job_id = $job_id AND ended_ms = 0 AND state = 'moving';

-- name: job_user_load
SELECT * FROM job_users WHERE id = $id;

-- name: job_user_by_ext
SELECT * FROM job_users WHERE job_id = $job_id AND ext = $ext;

-- name: job_user_save
UPDATE job_users SET state = $state, error = $error, steps = $steps, voicemail = $voicemail, form = $form,
	form_pending = $form_pending, begun_ms = $begun_ms, ended_ms = $ended_ms, news = $news
WHERE id = $id;

-- name: job_user_touch
UPDATE job_users SET news = $news WHERE job_id = $job_id AND user_id = $user_id;

-- A job whose time has come takes its users; those that another one holds come when they are free.
-- name: job_user_take
UPDATE job_users SET hold = 2 WHERE job_id = $job_id AND ended_ms = 0 AND hold < 2
AND NOT EXISTS (SELECT 1 FROM job_users o WHERE o.user_id = job_users.user_id AND o.ended_ms = 0 AND o.hold = 2);

-- name: job_user_left
SELECT COUNT(*) FROM job_users WHERE job_id = $job_id AND ended_ms = 0;

-- How far the ids of those that have not ended lie apart, and the first of them.
-- name: job_user_span
SELECT COALESCE(MAX(id) - MIN(id) + 1, 0) AS n, COALESCE(MIN(id), 0) AS first FROM job_users
WHERE job_id = $job_id AND ended_ms = 0;

-- Each gets a number of its own: $news is the first's.
-- name: job_cancel_users
UPDATE job_users SET error = CASE WHEN state = 'moving' THEN CAST($half AS TEXT) ELSE error END, state = 'cancelled',
	ended_ms = $now_ms, form = NULL, form_pending = 0, news = $news + (id - $first)
WHERE job_id = $job_id AND ended_ms = 0;

-- name: job_form_list
SELECT f.* FROM job_users f JOIN users u ON u.id = f.user_id
WHERE f.domain_id = $domain_id AND f.form_pending = 1 AND f.ended_ms > 0 ORDER BY f.ext, f.id LIMIT $limit OFFSET $start;

-- name: job_form_count
SELECT COUNT(*) FROM job_users f JOIN users u ON u.id = f.user_id
WHERE f.domain_id = $domain_id AND f.form_pending = 1 AND f.ended_ms > 0;

-- name: job_form_load
SELECT * FROM job_users WHERE user_id = $user_id AND form_pending = 1 AND ended_ms > 0 ORDER BY id DESC LIMIT 1;

-- The next person has come, or another reset has begun: nothing is to be filled in any more.
-- name: job_form_clear
UPDATE job_users SET form_pending = 0, form = NULL WHERE user_id = $user_id AND form_pending = 1 AND ended_ms > 0;
