-- Handover records and their facts. One list and one count per index, so that each is read by it.

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
SELECT * FROM records WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id LIMIT $limit OFFSET $start;

-- name: record_list_newest
SELECT * FROM records WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: record_count
SELECT COUNT(*) FROM records WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_domain
SELECT * FROM records WHERE domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
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
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: record_count_domain
SELECT COUNT(*) FROM records WHERE domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_domain_open
SELECT * FROM records WHERE open = 1 AND domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id LIMIT $limit OFFSET $start;

-- name: record_list_domain_open_newest
SELECT * FROM records WHERE open = 1 AND domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: record_count_domain_open
SELECT COUNT(*) FROM records WHERE open = 1 AND domain_id = $domain_id
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_named
SELECT * FROM records WHERE domain_id = $domain_id AND device = $device
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_count_named
SELECT COUNT(*) FROM records WHERE domain_id = $domain_id AND device = $device
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR user_id IN (SELECT id FROM users WHERE site_id = $site_id))
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_job
SELECT * FROM records WHERE job_id = $job_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id LIMIT $limit OFFSET $start;

-- name: record_list_job_newest
SELECT * FROM records WHERE job_id = $job_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: record_count_job
SELECT COUNT(*) FROM records WHERE job_id = $job_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id) AND (CAST($phone_id AS BIGINT) = 0 OR phone_id = $phone_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_phone
SELECT * FROM records WHERE phone_id = $phone_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_count_phone
SELECT COUNT(*) FROM records WHERE phone_id = $phone_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_device
SELECT * FROM records WHERE device_id = $device_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_count_device
SELECT COUNT(*) FROM records WHERE device_id = $device_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_list_softphone
SELECT * FROM records WHERE softphone_id = $softphone_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id
ORDER BY CASE WHEN CAST($newest AS BIGINT) = 1 THEN -id ELSE id END LIMIT $limit OFFSET $start;

-- name: record_count_softphone
SELECT COUNT(*) FROM records WHERE softphone_id = $softphone_id AND (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($user_id AS BIGINT) = 0 OR user_id = $user_id) AND (CAST($device_id AS BIGINT) = 0 OR device_id = $device_id)
AND (CAST($softphone_id AS BIGINT) = 0 OR softphone_id = $softphone_id)
AND (CAST($device AS TEXT) = '' OR device = $device) AND (CAST($ext AS TEXT) = '' OR ext = $ext)
AND (CAST($mac AS TEXT) = '' OR mac = $mac) AND (CAST($state AS TEXT) = '' OR state = $state)
AND (CAST($kind AS TEXT) = '' OR kind = $kind) AND (CAST($open_only AS BIGINT) = 0 OR open = 1)
AND created_ms >= $from_ms AND created_ms < $to_ms AND id > $after_id AND id < $before_id;

-- name: record_news
SELECT * FROM records WHERE job_id = $job_id AND news > $after ORDER BY news LIMIT $limit;

-- name: record_is_news
UPDATE records SET news = $news WHERE id = $id AND job_id IS NOT NULL;

-- name: record_tally_job
SELECT state AS name, COUNT(*) AS n FROM records WHERE job_id = $job_id GROUP BY state ORDER BY state;

-- name: record_set_state
UPDATE records SET state = $state, open = $open, closed_ms = $closed_ms WHERE id = $id;

-- name: record_closed_by
UPDATE records SET closed_by = $who WHERE id = $id;

-- name: record_set_generation
UPDATE records SET generation_after = $generation_after WHERE id = $id;

-- Those that were opened before that time and were not looked at for it yet.
-- name: record_overdue
SELECT * FROM records WHERE open = 1 AND overdue_ms = 0 AND created_ms < $before_ms ORDER BY created_ms LIMIT $limit;

-- name: record_overdue_next
SELECT COALESCE(MIN(created_ms), 0) FROM records WHERE open = 1 AND overdue_ms = 0;

-- name: record_overdue_noted
UPDATE records SET overdue_ms = $now_ms WHERE id = $id;

-- Open ones by state and by the oldest of these ages that they have reached, in one pass over the index.
-- name: record_tally
SELECT state || CASE WHEN created_ms > $now_ms - CAST($age1 AS BIGINT) THEN ' 0'
	WHEN created_ms > $now_ms - CAST($age2 AS BIGINT) THEN ' 1'
	WHEN created_ms > $now_ms - CAST($age3 AS BIGINT) THEN ' 2' ELSE ' 3' END AS name, COUNT(*) AS n
FROM records WHERE open = 1 GROUP BY 1;

-- name: record_phones
SELECT mac, MAX(COALESCE(phone_id, 0)) AS phone_id, SUM(CASE WHEN kind = 'relabelled' THEN 0 ELSE 1 END) AS lines
FROM records WHERE job_id = $job_id AND mac <> '' GROUP BY mac ORDER BY mac;

-- name: record_oldest_open
SELECT COALESCE(MIN(created_ms), 0) FROM records WHERE open = 1;

-- name: fact_list
SELECT * FROM facts WHERE record_id = $record_id ORDER BY at_ms, fact;

-- name: fact_set
INSERT INTO facts (record_id, fact, at_ms, evidence) VALUES ($record_id, $fact, $at_ms, $evidence)
ON CONFLICT (record_id, fact) DO NOTHING;

-- name: fact_clear
DELETE FROM facts WHERE record_id = $record_id AND fact = $fact;
