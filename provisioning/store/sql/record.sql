-- Handover records and their facts. One list per index, so that each is read by it.

-- name: record_add
INSERT INTO records (id, job_id, kind, domain_id, user_id, phone_id, device_id, softphone_id, mac, slot, device, ext,
	domain, who, why, generation_before, generation_after, revision_before, revision_after, keeps_line, state, open,
	created_ms, closed_ms, news)
VALUES ($id, $job_id, $kind, $domain_id, $user_id, $phone_id, $device_id, $softphone_id, $mac, $slot, $device, $ext,
	$domain, $who, $why, $generation_before, $generation_after, $revision_before, $revision_after, $keeps_line,
	$state, $open, $created_ms, $closed_ms, $news);

-- name: record_load
SELECT * FROM records WHERE id = $id;

-- name: record_list
SELECT * FROM records WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY id LIMIT $limit OFFSET $start;

-- name: record_list_open
SELECT * FROM records WHERE open = 1 AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_list_newest
SELECT * FROM records WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: record_list_domain
SELECT * FROM records WHERE domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY id LIMIT $limit OFFSET $start;

-- name: record_list_domain_newest
SELECT * FROM records WHERE domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: record_list_job
SELECT * FROM records WHERE job_id = $job_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_list_phone
SELECT * FROM records WHERE phone_id = $phone_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_list_device
SELECT * FROM records WHERE device_id = $device_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_list_softphone
SELECT * FROM records WHERE softphone_id = $softphone_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_news
SELECT * FROM records WHERE job_id = $job_id AND news > $after ORDER BY news LIMIT $limit;

-- name: record_is_news
UPDATE records SET news = $news WHERE id = $id AND job_id IS NOT NULL;

-- name: record_tally
SELECT state, COUNT(*) AS n FROM records WHERE job_id = $job_id GROUP BY state ORDER BY state;

-- name: record_count
SELECT COUNT(*) FROM records WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($job_id AS BIGINT) = 0 OR job_id = $job_id)
AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id) AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms;

-- name: record_set_state
UPDATE records SET state = $state, open = $open, closed_ms = $closed_ms WHERE id = $id;

-- name: record_set_generation
UPDATE records SET generation_after = $generation_after WHERE id = $id;

-- name: fact_list
SELECT * FROM facts WHERE record_id = $record_id ORDER BY at_ms, fact;

-- name: fact_set
INSERT INTO facts (record_id, fact, at_ms, evidence) VALUES ($record_id, $fact, $at_ms, $evidence)
ON CONFLICT (record_id, fact) DO NOTHING;

-- name: fact_clear
DELETE FROM facts WHERE record_id = $record_id AND fact = $fact;
