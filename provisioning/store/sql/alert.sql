-- Alerts, and what happened to them.

-- name: alert_add
INSERT INTO alerts (id, at_ms, domain_id, phone_id, record_id, kind, text, mark, times, last_ms, cleared_ms, cleared_by,
	cleared_why, seen_ms, seen_by, seen_why)
VALUES ($id, $at_ms, $domain_id, $phone_id, $record_id, $kind, $text, $mark, $times, $last_ms, $cleared_ms, $cleared_by,
	$cleared_why, $seen_ms, $seen_by, $seen_why);

-- name: alert_load
SELECT a.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = a.domain_id), '') AS domain,
	COALESCE((SELECT p.mac FROM phones p WHERE p.id = a.phone_id), '') AS mac
FROM alerts a WHERE a.id = $id;

-- name: alert_of_mark
SELECT COALESCE(MAX(id), 0) FROM alerts WHERE mark = $mark AND cleared_ms = 0;

-- name: alert_again
UPDATE alerts SET times = times + 1, last_ms = $now_ms WHERE id = $id;

-- name: alert_clear
UPDATE alerts SET cleared_ms = $now_ms, cleared_by = $who, cleared_why = $why WHERE id = $id AND cleared_ms = 0;

-- name: alert_seen
UPDATE alerts SET seen_ms = $now_ms, seen_by = $who, seen_why = $why WHERE id = $id AND seen_ms = 0;

-- name: alert_list
SELECT a.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = a.domain_id), '') AS domain,
	COALESCE((SELECT p.mac FROM phones p WHERE p.id = a.phone_id), '') AS mac
FROM alerts a WHERE (CAST($cleared_only AS BIGINT) = 0 OR a.cleared_ms <> 0)
AND (CAST($unseen_only AS BIGINT) = 0 OR a.seen_ms = 0) AND (CAST($seen_only AS BIGINT) = 0 OR a.seen_ms <> 0)
AND (CAST($kind AS TEXT) = '' OR a.kind = $kind)
AND a.at_ms >= $from_ms AND a.at_ms < $to_ms
ORDER BY a.id DESC LIMIT $limit OFFSET $start;

-- name: alert_list_open
SELECT a.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = a.domain_id), '') AS domain,
	COALESCE((SELECT p.mac FROM phones p WHERE p.id = a.phone_id), '') AS mac
FROM alerts a WHERE a.cleared_ms = 0
AND (CAST($unseen_only AS BIGINT) = 0 OR a.seen_ms = 0) AND (CAST($seen_only AS BIGINT) = 0 OR a.seen_ms <> 0)
AND (CAST($kind AS TEXT) = '' OR a.kind = $kind)
AND a.at_ms >= $from_ms AND a.at_ms < $to_ms
ORDER BY a.id DESC LIMIT $limit OFFSET $start;

-- name: alert_list_domain
SELECT a.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = a.domain_id), '') AS domain,
	COALESCE((SELECT p.mac FROM phones p WHERE p.id = a.phone_id), '') AS mac
FROM alerts a WHERE a.domain_id = $domain_id AND (CAST($cleared_only AS BIGINT) = 0 OR a.cleared_ms <> 0)
AND (CAST($unseen_only AS BIGINT) = 0 OR a.seen_ms = 0) AND (CAST($seen_only AS BIGINT) = 0 OR a.seen_ms <> 0)
AND (CAST($kind AS TEXT) = '' OR a.kind = $kind)
AND a.at_ms >= $from_ms AND a.at_ms < $to_ms
AND (CAST($site_id AS BIGINT) = 0 OR a.phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR EXISTS (SELECT 1 FROM records r JOIN users u ON u.id = r.user_id WHERE r.id = a.record_id AND u.site_id = $site_id))
ORDER BY a.id DESC LIMIT $limit OFFSET $start;

-- name: alert_list_domain_open
SELECT a.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = a.domain_id), '') AS domain,
	COALESCE((SELECT p.mac FROM phones p WHERE p.id = a.phone_id), '') AS mac
FROM alerts a WHERE a.domain_id = $domain_id AND a.cleared_ms = 0
AND (CAST($unseen_only AS BIGINT) = 0 OR a.seen_ms = 0) AND (CAST($seen_only AS BIGINT) = 0 OR a.seen_ms <> 0)
AND (CAST($kind AS TEXT) = '' OR a.kind = $kind)
AND a.at_ms >= $from_ms AND a.at_ms < $to_ms
AND (CAST($site_id AS BIGINT) = 0 OR a.phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR EXISTS (SELECT 1 FROM records r JOIN users u ON u.id = r.user_id WHERE r.id = a.record_id AND u.site_id = $site_id))
ORDER BY a.id DESC LIMIT $limit OFFSET $start;

-- name: alert_list_record
SELECT a.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = a.domain_id), '') AS domain,
	COALESCE((SELECT p.mac FROM phones p WHERE p.id = a.phone_id), '') AS mac
FROM alerts a WHERE a.record_id = $record_id AND a.cleared_ms = 0 ORDER BY a.id DESC LIMIT $limit OFFSET $start;

-- name: alert_count
SELECT COUNT(*) FROM alerts a WHERE (CAST($domain_id AS BIGINT) = 0 OR a.domain_id = $domain_id)
AND (CAST($cleared_only AS BIGINT) = 0 OR a.cleared_ms <> 0)
AND (CAST($unseen_only AS BIGINT) = 0 OR a.seen_ms = 0) AND (CAST($seen_only AS BIGINT) = 0 OR a.seen_ms <> 0)
AND (CAST($kind AS TEXT) = '' OR a.kind = $kind)
AND a.at_ms >= $from_ms AND a.at_ms < $to_ms
AND (CAST($site_id AS BIGINT) = 0 OR a.phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR EXISTS (SELECT 1 FROM records r JOIN users u ON u.id = r.user_id WHERE r.id = a.record_id AND u.site_id = $site_id));

-- name: alert_count_open
SELECT COUNT(*) FROM alerts a WHERE (CAST($domain_id AS BIGINT) = 0 OR a.domain_id = $domain_id) AND a.cleared_ms = 0
AND (CAST($unseen_only AS BIGINT) = 0 OR a.seen_ms = 0) AND (CAST($seen_only AS BIGINT) = 0 OR a.seen_ms <> 0)
AND (CAST($kind AS TEXT) = '' OR a.kind = $kind)
AND a.at_ms >= $from_ms AND a.at_ms < $to_ms
AND (CAST($site_id AS BIGINT) = 0 OR a.phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR EXISTS (SELECT 1 FROM records r JOIN users u ON u.id = r.user_id WHERE r.id = a.record_id AND u.site_id = $site_id));

-- name: alert_tally
SELECT kind AS name, COUNT(*) AS n FROM alerts WHERE cleared_ms = 0 GROUP BY kind ORDER BY kind;

-- name: alert_event_add
INSERT INTO alert_events (id, alert_id, domain_id, what, who, why, at_ms)
VALUES ($id, $alert_id, $domain_id, $what, $who, $why, $at_ms);

-- name: alert_event_load
SELECT * FROM alert_events WHERE id = $id;

-- name: alert_event_list
SELECT * FROM alert_events WHERE id > $after_id ORDER BY id LIMIT $limit;

-- name: alert_event_list_domain
SELECT e.* FROM alert_events e JOIN alerts a ON a.id = e.alert_id WHERE e.domain_id = $domain_id AND e.id > $after_id
AND (CAST($site_id AS BIGINT) = 0 OR a.phone_id IN (SELECT id FROM phones WHERE site_id = $site_id)
	OR EXISTS (SELECT 1 FROM records r JOIN users u ON u.id = r.user_id WHERE r.id = a.record_id AND u.site_id = $site_id))
ORDER BY e.id LIMIT $limit;

-- name: alert_event_last
SELECT COALESCE(MAX(id), 0) FROM alert_events;

-- name: alert_event_trim
DELETE FROM alert_events WHERE id IN (SELECT o.id FROM
	(SELECT e.id, e.at_ms FROM alert_events e ORDER BY e.id LIMIT $limit) o WHERE o.at_ms < $before_ms);
