-- Webhooks, and the calls that are still to be made.

-- name: webhook_add
INSERT INTO webhooks (id, domain_id, url, secret, secret_previous, secret_until_ms, description, kinds, enabled,
	disabled_why, created_by, failures, failing_since_ms, last_ms, last_status, last_error, last_took_ms, last_good_ms,
	created_ms, modified_ms)
VALUES ($id, $domain_id, $url, $secret, $secret_previous, $secret_until_ms, $description, $kinds, $enabled,
	$disabled_why, $created_by, $failures, $failing_since_ms, $last_ms, $last_status, $last_error, $last_took_ms,
	$last_good_ms, $created_ms, $modified_ms);

-- name: webhook_load
SELECT w.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = w.domain_id), '') AS domain,
	(SELECT COUNT(*) FROM webhook_calls c WHERE c.webhook_id = w.id) AS waiting
FROM webhooks w WHERE w.id = $id;

-- name: webhook_list
SELECT w.*, COALESCE((SELECT d.name FROM domains d WHERE d.id = w.domain_id), '') AS domain,
	(SELECT COUNT(*) FROM webhook_calls c WHERE c.webhook_id = w.id) AS waiting
FROM webhooks w WHERE COALESCE(w.domain_id, 0) = $domain_id ORDER BY w.id LIMIT $limit OFFSET $start;

-- name: webhook_count
SELECT COUNT(*) FROM webhooks WHERE COALESCE(domain_id, 0) = $domain_id;

-- name: webhook_save
UPDATE webhooks SET url = $url, secret = $secret, secret_previous = $secret_previous, secret_until_ms = $secret_until_ms,
	description = $description, kinds = $kinds, enabled = $enabled, disabled_why = $disabled_why, failures = $failures,
	failing_since_ms = $failing_since_ms, modified_ms = $modified_ms
WHERE id = $id;

-- name: webhook_result
UPDATE webhooks SET enabled = $enabled, disabled_why = $disabled_why, failures = $failures,
	failing_since_ms = $failing_since_ms, last_ms = $last_ms, last_status = $last_status, last_error = $last_error,
	last_took_ms = $last_took_ms, last_good_ms = $last_good_ms
WHERE id = $id;

-- name: webhook_delete
DELETE FROM webhooks WHERE id = $id;

-- name: webhook_ears
SELECT id, failures, kinds FROM webhooks
WHERE enabled = 1 AND (domain_id IS NULL OR domain_id = $domain_id) ORDER BY id;

-- name: webhook_tally
SELECT CASE WHEN enabled = 0 THEN 'disabled' WHEN failures > 0 THEN 'failing' ELSE 'enabled' END AS name, COUNT(*) AS n
FROM webhooks GROUP BY CASE WHEN enabled = 0 THEN 'disabled' WHEN failures > 0 THEN 'failing' ELSE 'enabled' END;

-- name: webhook_call_add
INSERT INTO webhook_calls (id, webhook_id, event_id, tries, at_ms) VALUES ($id, $webhook_id, $event_id, $tries, $at_ms);

-- name: webhook_call_first
SELECT * FROM webhook_calls WHERE webhook_id = $webhook_id ORDER BY event_id, id LIMIT 1;

-- name: webhook_call_load
SELECT * FROM webhook_calls WHERE id = $id;

-- name: webhook_call_tried
UPDATE webhook_calls SET tries = tries + 1 WHERE id = $id;

-- name: webhook_call_delete
DELETE FROM webhook_calls WHERE id = $id;

-- name: webhook_call_drop
DELETE FROM webhook_calls WHERE webhook_id = $webhook_id;

-- name: webhook_call_count
SELECT COUNT(*) FROM webhook_calls;
