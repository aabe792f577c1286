-- Users.

-- name: user_load
SELECT * FROM users WHERE domain_id = $domain_id AND ext = $ext;

-- name: user_by_id
SELECT * FROM users WHERE id = $id;

-- name: user_by_login
SELECT * FROM users WHERE login <> '' AND lower(login) = lower($login);

-- name: user_by_address
SELECT u.* FROM users u JOIN domains d ON d.id = u.domain_id WHERE d.name = $domain AND u.ext = $ext AND u.login = '';

-- name: user_list
SELECT * FROM users WHERE domain_id = $domain_id
AND (CAST($site_id AS BIGINT) = 0 OR site_id = $site_id) AND (CAST($status AS TEXT) = '' OR status = $status)
ORDER BY ext LIMIT $limit OFFSET $start;

-- name: user_list_all
SELECT * FROM users WHERE (CAST($site_id AS BIGINT) = 0 OR site_id = $site_id) AND (CAST($status AS TEXT) = '' OR status = $status)
ORDER BY domain_id, ext LIMIT $limit OFFSET $start;

-- name: user_search
WITH found AS (SELECT u.id AS id, CASE CAST($sort AS TEXT) WHEN 'name' THEN lower(u.first_name || ' ' || u.last_name)
	WHEN 'account-status' THEN u.status WHEN 'department' THEN lower(u.department) WHEN 'site' THEN lower(s.name)
	WHEN 'user-scope' THEN u.scope ELSE u.ext END AS sort_key
FROM users u LEFT JOIN sites s ON s.id = u.site_id WHERE u.domain_id = $domain_id
AND (CAST($site_id AS BIGINT) = 0 OR u.site_id = $site_id) AND (CAST($status AS TEXT) = '' OR u.status = $status)
AND (CAST($pattern AS TEXT) = '%' OR lower(u.first_name || ' ' || u.last_name || ' ' || u.first_name || ' ' || u.ext || ' ' ||
	u.email || ' ' || u.department) LIKE $pattern ESCAPE '!'))
SELECT u.* FROM found f JOIN users u ON u.id = f.id
ORDER BY CASE WHEN CAST($down AS BIGINT) = 1 THEN f.sort_key END DESC, CASE WHEN CAST($down AS BIGINT) = 0 THEN f.sort_key END,
	u.ext LIMIT $limit OFFSET $start;

-- name: user_directory
SELECT id, ext, first_name, last_name FROM users
WHERE domain_id = $domain_id AND directory_visible = 1 AND (first_name <> '' OR last_name <> '')
ORDER BY lower(last_name), lower(first_name), ext LIMIT $max;

-- name: user_count
SELECT COUNT(*) FROM users WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($site_id AS BIGINT) = 0 OR site_id = $site_id) AND (CAST($status AS TEXT) = '' OR status = $status)
AND (CAST($pattern AS TEXT) = '%' OR lower(first_name || ' ' || last_name || ' ' || first_name || ' ' || ext || ' ' ||
	email || ' ' || department) LIKE $pattern ESCAPE '!');

-- name: user_add
INSERT INTO users (id, domain_id, site_id, ext, first_name, last_name, email, login, password_hash, voicemail_pin,
	caller_id_name, dnd, forward_always, forward_busy, forward_no_answer, forward_offline, voicemail_email,
	voicemail_email_cc, scope, status, department, timezone, language, voicemail_enabled, caller_id_number,
	emergency_number, emergency_address, dial_plan, dial_policy, directory_visible, extra, extra_person,
	created_ms, modified_ms)
VALUES ($id, $domain_id, $site_id, $ext, $first_name, $last_name, $email, $login, $password_hash, $voicemail_pin,
	$caller_id_name, $dnd, $forward_always, $forward_busy, $forward_no_answer, $forward_offline, $voicemail_email,
	$voicemail_email_cc, $scope, $status, $department, $timezone, $language, $voicemail_enabled, $caller_id_number,
	$emergency_number, $emergency_address, $dial_plan, $dial_policy, $directory_visible, $extra,
	$extra_person, $created_ms, $modified_ms);

-- name: user_save
UPDATE users SET site_id = $site_id, first_name = $first_name, last_name = $last_name, email = $email, login = $login,
	password_hash = $password_hash, voicemail_pin = $voicemail_pin, caller_id_name = $caller_id_name, dnd = $dnd,
	forward_always = $forward_always, forward_busy = $forward_busy, forward_no_answer = $forward_no_answer,
	forward_offline = $forward_offline, voicemail_email = $voicemail_email,
	voicemail_email_cc = $voicemail_email_cc, scope = $scope, status = $status, department = $department,
	timezone = $timezone, language = $language, voicemail_enabled = $voicemail_enabled,
	caller_id_number = $caller_id_number, emergency_number = $emergency_number,
	emergency_address = $emergency_address, dial_plan = $dial_plan, dial_policy = $dial_policy,
	directory_visible = $directory_visible, extra = $extra, extra_person = $extra_person, modified_ms = $modified_ms
WHERE id = $id;

-- name: user_person
SELECT person FROM users WHERE id = $id;

-- name: user_brief
SELECT id, person FROM users WHERE domain_id = $domain_id AND ext = $ext;

-- name: user_next_person
UPDATE users SET person = person + 1 WHERE id = $id;

-- name: user_delete
DELETE FROM users WHERE id = $id;
