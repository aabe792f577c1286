-- Phones offered to another domain.

-- name: transfer_add
INSERT INTO transfers (id, phone_id, mac, model, domain_id, domain, to_domain, who, address, state, answered_by,
	created_ms, expires_ms, ended_ms)
VALUES ($id, $phone_id, $mac, $model, $domain_id, $domain, $to_domain, $who, $address, $state, $answered_by,
	$created_ms, $expires_ms, $ended_ms);

-- name: transfer_load
SELECT * FROM transfers WHERE id = $id;

-- name: transfer_list
SELECT * FROM transfers WHERE domain_id = $domain_id OR to_domain = $name
ORDER BY id DESC LIMIT $limit OFFSET $start;

-- name: transfer_of_phone
SELECT * FROM transfers WHERE phone_id = $phone_id AND ended_ms = 0;

-- name: transfer_end
UPDATE transfers SET state = $state, answered_by = $answered_by, ended_ms = $now_ms WHERE id = $id AND ended_ms = 0;

-- name: transfer_expire
UPDATE transfers SET state = 'expired', ended_ms = $now_ms WHERE ended_ms = 0 AND expires_ms <= $now_ms;
