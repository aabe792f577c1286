-- What happened to a phone, and alerts.

-- name: timeline_add
INSERT INTO timeline (id, at_ms, phone_id, mac, event, detail, generation, record_id, job_id)
VALUES ($id, $at_ms, $phone_id, $mac, $event, $detail, $generation, $record_id, $job_id);

-- name: timeline_list
SELECT * FROM timeline WHERE phone_id = $phone_id ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: timeline_trim
DELETE FROM timeline WHERE phone_id = $phone_id AND id <=
(SELECT t.id FROM timeline t WHERE t.phone_id = $phone_id ORDER BY t.id DESC LIMIT 1 OFFSET $keep);

-- name: alert_add
INSERT INTO alerts (id, at_ms, domain_id, phone_id, record_id, kind, text, cleared_ms)
VALUES ($id, $at_ms, $domain_id, $phone_id, $record_id, $kind, $text, $cleared_ms);

-- name: alert_there
SELECT COUNT(*) FROM alerts WHERE cleared_ms = 0 AND kind = $kind
AND (domain_id = $domain_id OR (domain_id IS NULL AND CAST($domain_id AS BIGINT) = 0))
AND (phone_id = $phone_id OR (phone_id IS NULL AND CAST($phone_id AS BIGINT) = 0))
AND (record_id = $record_id OR (record_id IS NULL AND CAST($record_id AS BIGINT) = 0));

-- name: alert_list
SELECT * FROM alerts WHERE (CAST($domain_id AS BIGINT) = 0 OR domain_id = $domain_id)
AND (CAST($uncleared_only AS BIGINT) = 0 OR cleared_ms = 0)
AND (CAST($site_id AS BIGINT) = 0 OR phone_id IN (SELECT id FROM phones WHERE site_id = $site_id))
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: alert_clear_kind
UPDATE alerts SET cleared_ms = $now_ms WHERE kind = $kind AND cleared_ms = 0;

-- name: alert_clear
UPDATE alerts SET cleared_ms = $now_ms WHERE id = $id AND cleared_ms = 0;

-- name: alert_clear_domain
UPDATE alerts SET cleared_ms = $now_ms WHERE kind = $kind AND cleared_ms = 0 AND domain_id = $domain_id;
