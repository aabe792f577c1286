-- What happened to a phone.

-- name: timeline_add
INSERT INTO timeline (id, at_ms, phone_id, mac, event, detail, generation, record_id, job_id)
VALUES ($id, $at_ms, $phone_id, $mac, $event, $detail, $generation, $record_id, $job_id);

-- name: timeline_list
SELECT * FROM timeline WHERE phone_id = $phone_id AND at_ms >= $since_ms ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: timeline_trim
DELETE FROM timeline WHERE phone_id = $phone_id AND id <=
(SELECT t.id FROM timeline t WHERE t.phone_id = $phone_id ORDER BY t.id DESC LIMIT 1 OFFSET $keep);
